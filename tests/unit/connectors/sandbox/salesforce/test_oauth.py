"""How a client gets its access token, and loses it."""

from __future__ import annotations

import base64
import time
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
)

from connectors.sandbox.salesforce.oauth import JWT_BEARER, ClientApp
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import INTEGRATION_USERNAME

TOKEN_URL = "https://login.salesforce.com/services/oauth2/token"


@pytest.fixture(scope="module")
def private_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def private_pem(private_key):
    return private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture
def app(world, private_key):
    public = private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    client = ClientApp("consumer", "consumer-secret", public.decode())
    return SalesforceApp(world, client, "https://127.0.0.1:8443")


def ask(session: requests.Session, **form: str) -> requests.Response:
    return session.post(TOKEN_URL, data=form)


def assertion(key: Any, **changes: Any) -> str:
    claims = {
        "iss": "consumer",
        "sub": INTEGRATION_USERNAME,
        "aud": "https://login.salesforce.com",
        "exp": str(int(time.time()) + 180),
    }
    return jwt.encode({**claims, **changes}, key, algorithm="RS256")


class TestJwtBearer:
    def test_logs_the_real_client_in(self, session, world, private_pem):
        client = Salesforce(
            username=INTEGRATION_USERNAME,
            consumer_key="consumer",
            privatekey=private_pem,
            version="66.0",
            session=session,
        )

        assert client.sf_instance == "127.0.0.1:8443"
        assert client.query("SELECT Id FROM Organization")["totalSize"] == 1

    @pytest.mark.parametrize("kind", [str, int])
    def test_expiry_may_be_text_or_number(self, session, private_pem, kind):
        claim = kind(int(time.time()) + 180)

        answer = ask(
            session, grant_type=JWT_BEARER, assertion=assertion(private_pem, exp=claim)
        )

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("changes", "error", "description"),
        [
            ({"iss": "other"}, "invalid_client_id", "client identifier invalid"),
            ({"sub": "nobody"}, "invalid_grant", "user hasn't approved this consumer"),
            ({"aud": "https://example.org"}, "invalid_grant", "audience is invalid"),
            ({"exp": "1000000000"}, "invalid_grant", "expired authorization code"),
            ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
            ({"exp": None}, "invalid_grant", "invalid assertion"),
        ],
        ids=["iss", "sub", "aud", "expired", "exp no number", "no exp"],
    )
    def test_refuses_wrong_claims(
        self, session, private_pem, changes, error, description
    ):
        answer = ask(
            session, grant_type=JWT_BEARER, assertion=assertion(private_pem, **changes)
        )

        assert answer.status_code == 400
        assert answer.json() == {"error": error, "error_description": description}

    def test_refuses_a_foreign_signature(self, session):
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

        answer = ask(session, grant_type=JWT_BEARER, assertion=assertion(other))

        assert answer.json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("noise", ["", "x", "a.b.c", "é"])
    def test_refuses_noise(self, session, noise):
        answer = ask(session, grant_type=JWT_BEARER, assertion=noise)

        assert answer.json()["error"] == "invalid_grant"

    def test_refuses_an_unsigned_assertion(self, session):
        unsigned = jwt.encode({"iss": "consumer"}, "", algorithm="none")

        answer = ask(session, grant_type=JWT_BEARER, assertion=unsigned)

        assert answer.json()["error"] == "invalid_grant"

    def test_needs_a_registered_key(self, world, session, private_pem, app):
        app.client = ClientApp("consumer", "consumer-secret")

        answer = ask(session, grant_type=JWT_BEARER, assertion=assertion(private_pem))

        assert answer.json()["error"] == "invalid_grant"


class TestClientCredentials:
    def test_answers_as_documented(self, session):
        answer = ask(
            session,
            grant_type="client_credentials",
            client_id="consumer",
            client_secret="consumer-secret",
        )

        body = answer.json()
        assert answer.status_code == 200
        assert set(body) == {
            *("access_token", "signature", "scope", "instance_url", "id"),
            *("token_type", "issued_at"),
        }
        assert body["token_type"] == "Bearer"
        assert body["instance_url"] == "https://127.0.0.1:8443"
        assert body["issued_at"].isdecimal()

    @pytest.mark.parametrize(
        ("key", "secret", "error"),
        [
            ("other", "consumer-secret", "invalid_client_id"),
            ("consumer", "wrong", "invalid_client"),
            ("consumer", "", "invalid_client"),
        ],
    )
    def test_refuses_wrong_credentials(self, session, key, secret, error):
        form = {"client_id": key, "client_secret": secret}
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()

        in_body = ask(session, grant_type="client_credentials", **form)
        in_header = session.post(
            TOKEN_URL,
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {basic}"},
        )

        assert [one.json()["error"] for one in (in_body, in_header)] == [error] * 2

    def test_is_not_served_on_the_login_host(self, session):
        answer = session.post(
            TOKEN_URL,
            data={"grant_type": "client_credentials"},
            headers={"Host": "login.salesforce.com"},
        )

        assert answer.json()["error_description"] == (
            "request not supported on this domain"
        )

    def test_the_real_client_reports_a_refusal(self, session):
        with pytest.raises(SalesforceAuthenticationFailed) as caught:
            Salesforce(
                consumer_key="consumer",
                consumer_secret="wrong",
                domain="acme.my",
                session=session,
            )

        assert caught.value.code == "invalid_client"

    def test_other_grants_are_refused(self, session):
        answer = ask(session, grant_type="password", username="a", password="b")

        assert answer.status_code == 400
        assert answer.json()["error"] == "unsupported_grant_type"


class TestSoapLogin:
    @pytest.mark.parametrize(
        ("version", "code"),
        [("66.0", "UNSUPPORTED_API_VERSION"), ("59.0", "INVALID_OPERATION")],
    )
    def test_is_refused(self, session, version, code):
        with pytest.raises(SalesforceAuthenticationFailed) as caught:
            SalesforceLogin(
                username="a",
                password="b",
                security_token="c",
                sf_version=version,
                session=session,
            )

        assert caught.value.code == code


class TestTokens:
    def test_run_out(self, world, client, clock):
        world.switches["token_lifetime"] = 60.0
        client._refresh_session()
        clock.advance(61)

        answer = client.session.get(f"{client.base_url}limits", headers=client.headers)

        assert answer.status_code == 401
        assert answer.json() == [
            {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
        ]

    def test_the_real_client_refreshes_by_itself(self, client, clock):
        clock.advance(7201)

        assert client.query("SELECT Id FROM Order")["totalSize"] == 0

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic x"])
    def test_nonsense_is_401(self, session, client, header):
        answer = session.get(
            f"{client.base_url}limits", headers={"Authorization": header}
        )

        assert answer.status_code == 401

    def test_a_session_without_login_data_stays_expired(self, session, client):
        stale = Salesforce(
            session_id="stale", instance=client.sf_instance, session=session
        )

        with pytest.raises(SalesforceExpiredSession):
            stale.query("SELECT Id FROM Order")

    def test_are_not_stored_readable(self, world, client):
        (stored,) = world.snapshot("access_token")

        assert client.session_id not in str(stored)


class TestIdentity:
    def test_names_organization_and_user(self, world, client, session):
        info = client.oauth2("userinfo")
        identity = session.get(info["sub"], headers=client.headers).json()

        for answer in (info, identity):
            assert answer["organization_id"] == world.organization_id
            assert answer["user_id"] == world.user_id(INTEGRATION_USERNAME)

    def test_versions_need_no_token(self, session):
        listed = session.get("https://acme.my.salesforce.com/services/data/").json()

        assert listed[0]["version"] == "31.0"
        assert listed[-1] == {
            "label": "Winter '27",
            "url": "/services/data/v68.0",
            "version": "68.0",
        }
        assert {"Spring '26", "Winter '26", "Summer '26"} <= {
            one["label"] for one in listed
        }

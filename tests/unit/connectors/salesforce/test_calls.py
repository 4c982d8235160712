import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import (
    AuthError,
    ConnectorError,
    Kind,
    RejectedError,
    TransientError,
)
from connectors.failpoints import arm
from connectors.salesforce import call_names
from connectors.salesforce.call_names import READ, operation_name
from connectors.salesforce.login import LoginSettings
from connectors.sandbox.salesforce.oauth import ClientApp
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import INTEGRATION_USERNAME
from connectors.sandbox.wire import (
    CutConnectionError,
    HangError,
    RefuseError,
    Response,
)
from connectors.tokens import MemoryTokenStore, Token
from tests.unit.connectors.salesforce.conftest import (
    LOGIN,
    NOW,
    ROOT,
    Canned,
    make_client,
)

EXPIRED = Response(
    401,
    b'[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]',
)
TOKEN = {"access_token": "new-token", "instance_url": ROOT, "id": "x"}
LIMITS = {"DailyApiRequests": {"Max": 100, "Remaining": 40}, "PerApp": {"x": {}}}


def page(*rows, more=""):
    return {"records": list(rows), "done": not more, "nextRecordsUrl": more or None}


def part(number, body, status=200):
    return {"referenceId": f"read{number}", "httpStatusCode": status, "body": body}


def both(orders, items):
    return {"compositeResponse": [part(1, items), part(0, orders)]}


def stamped(row_id, **more):
    return {"Id": row_id, "SystemModstamp": "2026-01-05T08:59:00.000+0000", **more}


class TestChanged:
    def test_orders_and_lines_are_listed_in_one_call(self, canned):
        line = stamped("802A", OrderId="801B")
        client, app = canned(both(page(stamped("801A")), page(line)))
        orders, items = client.changed(NOW, NOW)

        assert [one.order_id for rows in orders for one in rows] == ["801A"]
        assert [one.order_id for rows in items for one in rows] == ["801B"]
        assert len(app.requests) == 1
        assert [one.operation for one in client.exchanges] == [READ]
        assert app.requests[0].body.startswith(call_names._READS)

    def test_a_further_page_is_asked_for_when_the_first_was_used(self, canned):
        more = "/services/data/v66.0/query/01g-2000"
        client, app = canned(
            both(page(stamped("801A"), more=more), page()), page(stamped("801B"))
        )
        orders, _ = client.changed(NOW, NOW)

        assert [one.order_id for one in next(orders)] == ["801A"]
        assert len(app.requests) == 1
        assert [one.order_id for one in next(orders)] == ["801B"]
        assert app.requests[1].headers["sforce-query-options"] == "batchSize=2000"

    def test_a_listing_that_was_refused_does_not_stop_the_other(self, canned):
        said = [{"errorCode": "INVALID_FIELD", "message": "No such column 'X'"}]
        orders = page(stamped("801A"))
        refused = {"compositeResponse": [part(0, orders), part(1, said, 400)]}
        client, _ = canned(refused)
        orders, items = client.changed(NOW, NOW)

        assert [one.order_id for rows in orders for one in rows] == ["801A"]
        with pytest.raises(RejectedError, match="No such column"):
            list(items)

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            [],
            {"compositeResponse": None},
            {"compositeResponse": [part(0, page())]},
            {"compositeResponse": [part(0, page()), part(1, page(), "200")]},
        ],
    )
    def test_an_answer_without_both_parts_cannot_be_read(self, canned, answer):
        client, _ = canned(answer)
        _, items = client.changed(NOW, NOW)

        with pytest.raises(TransientError, match="could not be read"):
            list(items)


class TestToken:
    def test_the_first_call_logs_in(self):
        app = Canned(TOKEN, LIMITS)

        assert make_client(app).limits() == {"DailyApiRequests": (100, 40)}
        assert app.paths == ["/services/oauth2/token", "/services/data/v66.0/limits"]
        assert app.requests[1].headers["authorization"] == "Bearer new-token"

    def test_an_expired_session_is_renewed_once_and_the_call_repeated(self, canned):
        client, app = canned(EXPIRED, TOKEN, both(page(), page()))
        client.changed(NOW, NOW)

        assert app.paths[0] == app.paths[2] == "/services/data/v66.0/composite"
        assert app.requests[0].headers["authorization"] == "Bearer old-token"
        assert app.requests[2].headers["authorization"] == "Bearer new-token"

    def test_a_session_refused_again_is_an_auth_error_after_one_login(self, canned):
        client, app = canned(EXPIRED, TOKEN, EXPIRED)

        with pytest.raises(AuthError):
            client.limits()

        assert len(app.requests) == 3

    def test_the_instance_may_change_with_the_token(self):
        app = Canned({**TOKEN, "instance_url": "https://other.my.salesforce.com"}, {})
        make_client(app).describe("Order")

        assert app.requests[1].headers.get("authorization") == "Bearer new-token"

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (
                Response(400, b'{"error":"invalid_grant","error_description":"no"}'),
                Kind.AUTH,
            ),
            (Response(401, b"<html>"), Kind.AUTH),
            (Response(200, b'{"access_token": "x"}'), Kind.AUTH),
            (Response(200, b"[]"), Kind.AUTH),
            (Response(200, b"<html>"), Kind.AUTH),
            (Response(503, b"<html>"), Kind.TRANSIENT),
            (Response(503, b'[{"errorCode":"SERVER_UNAVAILABLE"}]'), Kind.TRANSIENT),
            (Response(429, b""), Kind.THROTTLED),
            (RefuseError(), Kind.TRANSIENT),
            (CutConnectionError(), Kind.TRANSIENT),
        ],
        ids=repr,
    )
    def test_a_login_that_fails_says_so_and_never_an_unknown_write(self, answer, kind):
        app = Canned(answer)

        with pytest.raises(ConnectorError) as caught:
            make_client(app).limits()

        assert caught.value.kind is kind
        assert caught.value.outcome_unknown is False
        assert len(app.requests) == 1

    def test_a_key_that_is_no_key_is_an_auth_error_without_the_key(self):
        login = LoginSettings("c", username="u@x.example", private_key="hush-hush")

        with pytest.raises(AuthError) as caught:
            make_client(Canned(), login=login).limits()

        assert "hush-hush" not in repr(caught.value) + caught.value.detail

    def test_a_jwt_lets_us_in(self, world):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        app = SalesforceApp(world, ClientApp("c", "", public_key=public.decode()))
        login = LoginSettings(
            "c",
            username=INTEGRATION_USERNAME,
            private_key=private.decode(),
            instance_domain="acme.my",
        )
        client = make_client(app, login=login)

        assert client.identity().organization_id == world.organization_id

        world.switches["jwt_approved"] = False
        with pytest.raises(AuthError, match="approved this consumer"):
            make_client(app, login=login).limits()


class TestLoginSettings:
    def test_they_come_from_a_credentials_two_parts(self):
        login = LoginSettings.from_settings(
            {"client_id": "c", "domain": "acme.my"}, {"client_secret": "s"}
        )

        assert login == LoginSettings("c", domain="acme.my", client_secret="s")
        assert "'s'" not in repr(login)

    @pytest.mark.parametrize(
        ("settings", "secrets", "words"),
        [
            ({}, {}, "client id"),
            ({"client_id": "c"}, {"private_key": "k"}, "user name"),
            ({"client_id": "c"}, {}, "neither"),
            ({"client_id": "c"}, {"client_secret": "s"}, "My Domain"),
            ({"client_id": "c", "domain": "test"}, {"client_secret": "s"}, "My Domain"),
        ],
    )
    def test_what_lacks_is_said(self, settings, secrets, words):
        with pytest.raises(AuthError, match=words):
            LoginSettings.from_settings(settings, secrets)


class TestAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            CutConnectionError(),
            HangError(30),
            Response(502, b"<html>Bad Gateway</html>"),
            Response(200, b'{"records": ['),
            Response(200, b"<html>maintenance</html>"),
            Response(302, b"", {"Location": "https://elsewhere.example"}),
        ],
        ids=repr,
    )
    def test_one_try_each(self, canned, answer):
        client, app = canned(answer)

        with pytest.raises(TransientError) as caught:
            client.limits()

        assert caught.value.outcome_unknown is False
        assert len(app.requests) == 1

    def test_the_usage_is_read_from_errors_too(self, canned):
        usage = {
            "Sforce-Limit-Info": "api-bursts=1/750; api-usage=18/5000; "
            "per-app-api-usage=17/250(appName=x)"
        }
        body = b'[{"errorCode": "NOT_FOUND", "message": "no"}]'
        client, _ = canned(Response(404, body, usage))

        with pytest.raises(RejectedError):
            client.describe("Nothing__c")

        assert (client.api_usage.used, client.api_usage.limit) == (18, 5000)

    def test_describe_is_read_once(self, canned):
        client, app = canned({"fields": [{"name": "Id"}]})

        assert client.available_fields("Order") == {"Id"}
        assert client.available_fields("Order") == {"Id"}
        assert len(app.requests) == 1


class TestLog:
    def test_every_call_leaves_an_exchange_without_a_secret(self):
        app = Canned({**TOKEN, "access_token": "hush-token"}, LIMITS)
        client = make_client(app)
        client.limits()

        login, limits = client.drain()

        assert login.operation == "salesforce.oauth_token"
        assert login.request == {"client_id": "consumer"}
        assert limits.operation == "salesforce.limits"
        assert limits.response == json.loads(json.dumps(LIMITS))
        assert "hush" not in repr([login, limits, LOGIN])
        assert client.drain() == []

    def test_each_call_passes_its_failpoints_by_name(self, canned):
        passed: list[str] = []
        client, _ = canned(EXPIRED, TOKEN, LIMITS)
        arm(passed.append)
        try:
            client.limits()
        finally:
            arm(None)

        assert passed[::2] == [
            "before:salesforce.limits",
            "before:salesforce.oauth_token",
            "before:salesforce.limits",
        ]


V = "/services/data/v66.0"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/services/oauth2/token", "oauth_token"),
        ("GET", "/services/oauth2/userinfo", "userinfo"),
        ("GET", "/services/data/", "versions"),
        ("GET", f"{V}/query/?q=SELECT+Id", "query"),
        ("GET", f"{V}/queryAll?q=SELECT+Id", "query"),
        ("GET", f"{V}/query/0r8000000000001AAA-2000", "query_more"),
        ("GET", f"{V}/queryAll/0r8000000000001AAA-2000", "query_more"),
        ("GET", f"{V}/sobjects", "describe_global"),
        ("GET", f"{V}/sobjects/Order/describe", "describe"),
        ("GET", f"{V}/sobjects/Order/801000000000001AAA", "record_get"),
        ("POST", f"{V}/sobjects/Order/", "record_create"),
        ("PATCH", f"{V}/sobjects/Order/801000000000001AAA", "record_update"),
        ("PATCH", f"{V}/sobjects/X__c/Key__c/a", "record_upsert"),
        ("DELETE", f"{V}/sobjects/X__c/a00000000000001AAA", "record_delete"),
        ("POST", f"{V}/composite", "composite"),
        ("POST", f"{V}/composite/sobjects", "collections_create"),
        ("PATCH", f"{V}/composite/sobjects", "collections_update"),
        ("PATCH", f"{V}/composite/sobjects/X__c/Key__c", "collections_upsert"),
        ("GET", f"{V}/limits", "limits"),
        ("GET", f"{V}/elsewhere", "unknown"),
    ],
)
def test_calls_are_named_as_in_the_ledger(method, path, name):
    assert operation_name(method, path) == f"salesforce.{name}"


def test_a_stored_token_is_used_without_a_login():
    app = Canned(LIMITS)
    tokens = MemoryTokenStore(Token("kept", base_url=ROOT))
    make_client(app, tokens=tokens).limits()

    assert app.requests[0].headers["authorization"] == "Bearer kept"

"""The way in: second factor, recovery, lock-out, sessions, and who may mend them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from connectors.accounts import sign_in
from connectors.accounts.models import Audit
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"
HOME = "/admin/"
FACTOR = "/admin/second-factor/"
ME = "/admin/me/"


@pytest.fixture
def person() -> Any:
    user = UserFactory(username="ana", role="operator")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def chief() -> Client:
    client = Client()
    client.force_login(UserFactory(username="chief", is_superuser=True))
    return client


def signed_in(password: str = PASSWORD) -> Client:
    client = Client(headers={"user-agent": "Browser of ana"})
    client.post(
        reverse("admin:login"),
        {"username": "ana", "password": password, "next": HOME},
    )
    return client


def code_of(user: Any, *, ahead: int = 0) -> str:
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key, drift=ahead):06d}"


def enrolled(user: Any) -> list[str]:
    """Set up a second factor; answers the recovery codes."""
    sign_in.begin_enrolment(user)
    return sign_in.finish_enrolment(user, code_of(user), now=timezone.now())


def audited() -> list[str]:
    return list(Audit.objects.order_by("id").values_list("action", flat=True))


class TestEnrolment:
    def test_shows_a_picture_and_a_key_and_then_recovery_codes_once(self, person):
        client = signed_in()

        page = client.get(FACTOR).text
        done = client.post(FACTOR, {"code": code_of(person), "next": ME})

        assert "<svg" in page
        assert 'class="factor-key"' in page
        codes = StaticToken.objects.filter(device__user=person)
        assert [code.token in done.text for code in codes] == [True] * 10
        assert f'href="{ME}"' in done.text
        assert client.get(HOME).status_code == 200
        assert audited() == ["enrol_second_factor"]

    def test_a_wrong_code_is_told_and_sets_up_nothing(self, person):
        page = signed_in().post(FACTOR, {"code": "000000"})

        assert "This code is not right" in page.text
        assert not sign_in.is_enrolled(person)

    def test_is_asked_of_the_roles_that_need_it_before_anything_else(
        self, person, settings
    ):
        settings.SHIPSYNC_OTP_ROLES = ["operator"]
        client = signed_in()

        for address in (HOME, "/admin/orders/order/?q=1", ME):
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer.url.startswith(FACTOR)
        refused = client.get("/api/v1/orders/")
        assert refused.status_code == 403
        assert "second factor" in refused.json()["detail"]

    def test_is_not_asked_of_other_roles(self, person, settings):
        settings.SHIPSYNC_OTP_ROLES = ["integrator"]

        assert signed_in().get(HOME).status_code == 200


class TestASignInWithIt:
    def test_asks_for_a_code_and_goes_on_to_what_was_wanted(self, person):
        enrolled(person)
        client = signed_in()
        wanted = "/admin/orders/order/?need=late"

        asked = client.get(wanted)
        assert asked.url.startswith(FACTOR)
        answer = client.post(
            asked.url, {"code": code_of(person, ahead=1), "next": wanted}
        )

        assert answer.url == wanted
        assert client.get(wanted).status_code == 200

    def test_takes_a_recovery_code_once(self, person):
        code = enrolled(person)[0]

        first, second = signed_in(), signed_in()

        assert first.post(FACTOR, {"code": code}).status_code == 302
        assert "not right" in second.post(FACTOR, {"code": code}).text
        assert sign_in.codes_left(person) == 9

    def test_never_leads_to_another_site(self, person):
        enrolled(person)

        answer = signed_in().post(
            FACTOR,
            {"code": code_of(person, ahead=1), "next": "https://evil.example/"},
        )

        assert answer.url == HOME

    def test_wrong_codes_are_slowed_down(self, person):
        enrolled(person)
        client = signed_in()
        for _ in range(3):
            client.post(FACTOR, {"code": "000000"})

        answer = client.post(FACTOR, {"code": code_of(person, ahead=1)})

        assert answer.status_code == 200


class TestTakingItOff:
    @pytest.mark.parametrize("is_right", [True, False])
    def test_needs_a_valid_code(self, person, is_right):
        codes = enrolled(person)
        client = signed_in()
        client.post(FACTOR, {"code": codes[0]})

        code = codes[1] if is_right else "000000"
        page = client.post(ME, {"do": "off", "code": code}, follow=True)

        assert sign_in.is_enrolled(person) is not is_right
        assert ("Enter a code that is valid now." in page.text) is not is_right
        assert (audited()[-1] == "remove_second_factor") is is_right

    def test_is_not_for_roles_that_need_it(self, person, settings):
        codes = enrolled(person)
        settings.SHIPSYNC_OTP_ROLES = ["operator"]
        client = signed_in()
        client.post(FACTOR, {"code": codes[0]})

        page = client.post(ME, {"do": "off", "code": codes[1]}, follow=True)

        assert "Your role asks for a second factor." in page.text
        assert sign_in.is_enrolled(person)


class TestAnAdministrator:
    def at(self, person):
        return reverse("admin:person", args=[person.pk])

    def test_resets_a_lost_device_and_ends_its_sessions(self, chief, person):
        codes = enrolled(person)
        client = signed_in()
        client.post(FACTOR, {"code": codes[0]})

        chief.post(self.at(person), {"do": "reset"})

        assert not sign_in.is_enrolled(person)
        assert client.get(HOME).status_code == 302
        assert audited()[-1] == "reset_second_factor"

    def test_unlocks_a_name_that_was_locked(self, chief, person):
        for _ in range(5):
            signed_in("wrong")
        assert signed_in().get(HOME).status_code == 302
        assert "Unlock" in chief.get(self.at(person)).text

        chief.post(self.at(person), {"do": "unlock"})

        assert signed_in().get(HOME).status_code == 200
        assert audited() == ["unlock_sign_in"]

    def test_ends_somebodys_sessions(self, chief, person):
        client = signed_in()

        chief.post(self.at(person), {"do": "end"})

        assert client.get(HOME).status_code == 302
        assert audited() == ["end_sessions"]

    @pytest.mark.parametrize("role", ["lead", "integrator", "auditor"])
    @pytest.mark.parametrize("deed", ["reset", "unlock", "end", "revoke"])
    def test_is_nobody_of_another_role(self, person, role, deed):
        codes = enrolled(person)
        client = Client()
        client.force_login(UserFactory(role=role))

        assert client.post(self.at(person), {"do": deed}).status_code == 403
        assert sign_in.codes_left(person) == len(codes)

    def test_changes_roles_and_passwords_and_leaves_it_in_the_audit(
        self, chief, person
    ):
        lead = Group.objects.get(name="lead")
        answer = chief.post(
            reverse("admin:auth_user_change", args=[person.pk]),
            {"username": "ana", "is_active": "on", "groups": [lead.pk]},
        )

        noted = Audit.objects.get(action="change_user")
        assert answer.status_code == 302
        assert noted.after["roles"] == ["lead"]
        assert "groups" in noted.note.lower()


class TestSessions:
    def pretend(self, client, **values):
        session = client.session
        session.update(values)
        session.save()

    @pytest.mark.parametrize(
        ("name", "age"),
        [("signed_in_at", timedelta(hours=9)), ("seen_at", timedelta(minutes=61))],
    )
    def test_end_by_age_and_when_left_alone(self, person, name, age, settings):
        settings.SHIPSYNC_IDLE_MINUTES = 60
        client = signed_in()
        self.pretend(client, **{name: (timezone.now() - age).timestamp()})

        answer = client.get(HOME, follow=True)

        assert answer.redirect_chain[0][0].startswith(reverse("admin:login"))
        assert "You were signed out" in answer.text

    def test_hold_while_they_are_used(self, person, settings):
        settings.SHIPSYNC_IDLE_MINUTES = 60
        client = signed_in()
        before = (timezone.now() - timedelta(minutes=59)).timestamp()
        self.pretend(client, seen_at=before)

        assert client.get(HOME).status_code == 200
        assert client.session["seen_at"] > before

    def test_are_listed_and_the_others_can_be_ended(self, person):
        here, elsewhere = signed_in(), signed_in()
        page = here.get(ME).text
        assert page.count("Browser of ana") == 2

        here.post(ME, {"do": "others"})

        assert here.get(HOME).status_code == 200
        assert elsewhere.get(HOME).status_code == 302
        assert audited() == ["end_sessions"]

    def test_end_elsewhere_with_a_new_password(self, person):
        here, elsewhere = signed_in(), signed_in()

        here.post(
            reverse("admin:password_change"),
            {
                "old_password": PASSWORD,
                "new_password1": "another-horse-42",
                "new_password2": "another-horse-42",
            },
        )

        assert here.get(HOME).status_code == 200
        assert elsewhere.get(HOME).status_code == 302
        assert audited() == ["change_password"]
        assert Session.objects.count() >= 1

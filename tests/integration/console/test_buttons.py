"""Every button, as every role, by GET, without a token, on others' rows, out of place.

`CASES` has a row for each button: a new one fails here until it is listed.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from connectors.accounts.models import AccountAccess, Audit
from connectors.console import offers
from tests.factories import accounts
from tests.factories import orders as order_rows
from tests.integration.console.account_buttons import ACCOUNT_BUTTONS
from tests.integration.console.order_buttons import ORDER_BUTTONS
from tests.undoing import undone

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
CASES = [*ORDER_BUTTONS, *ACCOUNT_BUTTONS]
IDS = [f"{case.model}-{case.name}" for case in CASES]
each_case = pytest.mark.parametrize("case", CASES, ids=IDS)
OUT_OF_PLACE = [case for case in CASES if case.unfit is not None]


@pytest.fixture(autouse=True)
def _own_address(settings: Any) -> None:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"


def test_every_button_of_the_console_is_in_this_table():
    there = {(offer.model._meta.label, offer.name) for offer in offers.every_offer()}

    assert {(case.model, case.name) for case in CASES} == there


@each_case
class TestEachButton:
    """One row for several trials: each trial is undone."""

    def test_it_works_for_those_who_may_and_is_refused_in_words_to_others(
        self, case, sign_in, button
    ):
        row = case.make()
        address = button(row, case.name)

        for role in ROLES:
            with undone():
                answer = sign_in(role).post(address, case.data)

                audited = Audit.objects.filter(action=case.audit).count()
                found = (answer.status_code, audited, bool(case.did(row)))
                wanted = (302, 1, True) if role in case.may else (403, 0, False)
                assert found == wanted, role
                if role not in case.may:
                    assert "You may not do this" in answer.text, role
                    assert not Audit.objects.exists(), role

    def test_it_is_shown_to_those_who_may_and_to_nobody_else(
        self, case, sign_in, button, page_of
    ):
        row = case.make()

        for role in ROLES:
            page = sign_in(role).get(page_of(row)).text

            assert (button(row, case.name) in page) == (role in case.may), role

    def test_nothing_happens_by_get_without_a_token_or_signed_out(
        self, case, sign_in, button, page_of
    ):
        row = case.make()
        address = button(row, case.name)

        for client in (*(sign_in(role) for role in ROLES), Client()):
            assert client.get(address, case.data).status_code == 405

        tokenless = sign_in("integrator", enforce_csrf_checks=True)
        refused = tokenless.post(address, case.data)
        assert refused.status_code == 403
        assert "out of date" in refused.text

        stranger = Client().post(address, case.data)
        assert stranger.status_code == 302
        assert stranger.url.endswith(f"?next={page_of(row)}")
        assert not case.did(row)

    def test_a_row_of_another_account_is_not_there(self, case, button):
        row = case.make()
        person = accounts.UserFactory(role="integrator")
        accounts.AccountAccessFactory(user=person)
        client = Client()
        client.force_login(person)

        answer = client.post(button(row, case.name), case.data)

        assert answer.status_code == 404
        assert not case.did(row)

    def test_what_it_asks_for_cannot_be_left_out(self, case, sign_in, button):
        if not case.data:
            return
        row = case.make()

        answer = sign_in("integrator").post(
            button(row, case.name), dict.fromkeys(case.data, "  "), follow=True
        )

        assert answer.status_code == 200
        assert 'class="warning"' in answer.content.decode()
        assert not case.did(row)


@pytest.mark.parametrize(
    "case", OUT_OF_PLACE, ids=[f"{case.model}-{case.name}" for case in OUT_OF_PLACE]
)
def test_out_of_place_it_is_not_offered_and_pressed_says_why(
    case, sign_in, button, page_of
):
    row = case.unfit()
    client = sign_in("integrator")

    assert button(row, case.name) not in client.get(page_of(row)).text

    answer = client.post(button(row, case.name), case.data, follow=True)

    assert answer.status_code == 200
    assert 'class="warning"' in answer.text
    assert not Audit.objects.exists()


def test_a_button_returns_only_to_pages_of_the_console(sign_in, button):
    order = order_rows.OrderFactory()

    answer = sign_in("operator").post(
        button(order, "sync"), {"next": "https://elsewhere.example/"}
    )

    assert answer.url.startswith("/admin/orders/order/")


def test_an_unknown_button_is_not_there(sign_in, button):
    order = order_rows.OrderFactory()

    assert sign_in("operator").post(button(order, "explode")).status_code == 404


def test_the_lead_of_one_account_may_not_resume_a_login_of_another():
    row = accounts.CredentialFactory(state="refused")
    access = AccountAccess.objects.create(
        user=accounts.UserFactory(role="lead"), account=accounts.AccountFactory()
    )
    client = Client()
    client.force_login(access.user)

    answer = client.post(f"/admin/accounts/credential/{row.pk}/do/resume/")

    assert answer.status_code == 404

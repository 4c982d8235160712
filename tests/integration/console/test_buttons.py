"""Every button, as every role, by GET, without a token, on others' rows, out of place.

`CASES` has a row for each button: a new one fails here until it is listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from connectors.accounts.models import AccountAccess, Audit, Credential, ScopedSetting
from connectors.console import offers
from connectors.models import FailedPayload, SyncJob
from orders.models import Export, Order
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
OPERATORS = {"operator", "lead", "integrator"}
LEADS = {"lead", "integrator"}


def parked_order() -> Order:
    order = order_rows.OrderFactory()
    job = rows.SyncJobFactory(account=order.account, order=order, state="parked")
    rows.FailedPayloadFactory(job=job)
    return order


def excluded_order() -> Order:
    return order_rows.OrderFactory(
        is_eligible=False, eligibility_reason="Excluded: before go-live."
    )


@dataclass(frozen=True)
class Case:
    """`make` a row the button fits, `unfit` one it does not (None: it always does)."""

    model: str
    name: str
    may: set[str]
    make: Callable[[], Any]
    did: Callable[[Any], bool]
    audit: str
    unfit: Callable[[], Any] | None = None
    data: dict[str, str] = field(default_factory=dict)


def rang(row: Any) -> bool:
    order = row if isinstance(row, Order) else row.order
    return SyncJob.objects.filter(order=order, trigger="person").exists()


CASES = [
    Case(
        "orders.Order",
        "retry",
        OPERATORS,
        parked_order,
        lambda row: not FailedPayload.objects.filter(closed_at=None).exists(),
        "retry_failure",
        unfit=order_rows.OrderFactory,
    ),
    Case(
        "orders.Order", "sync", OPERATORS, order_rows.OrderFactory, rang, "sync_order"
    ),
    Case(
        "orders.Order",
        "include",
        OPERATORS,
        excluded_order,
        lambda row: Order.objects.get(pk=row.pk).include_anyway,
        "include_order",
        unfit=order_rows.OrderFactory,
    ),
    Case(
        "orders.Order",
        "handle-outside",
        OPERATORS,
        order_rows.OrderFactory,
        lambda row: Order.objects.get(pk=row.pk).handled_outside,
        "handle_outside",
        unfit=lambda: order_rows.OrderFactory(handled_outside=True),
        data={"why": "The shop sends it."},
    ),
    Case(
        "orders.Order",
        "take-back",
        OPERATORS,
        lambda: order_rows.OrderFactory(handled_outside=True),
        lambda row: not Order.objects.get(pk=row.pk).handled_outside,
        "handle_again",
        unfit=order_rows.OrderFactory,
    ),
    Case(
        "orders.Order",
        "link",
        OPERATORS,
        order_rows.OrderFactory,
        lambda row: SyncJob.objects.filter(kind="link_order", order=row).exists(),
        "link_order",
        unfit=lambda: order_rows.ExportFactory(remote_id="R1").order,
        data={"shiphero": "880001"},
    ),
    Case(
        "orders.Export",
        "approve",
        OPERATORS,
        lambda: order_rows.ExportFactory(order__account__preview_first=3),
        lambda row: Export.objects.get(pk=row.pk).approved_at is not None,
        "approve_export",
        unfit=lambda: order_rows.ExportFactory(approved_at=now()),
    ),
    Case(
        "connectors.FailedPayload",
        "retry",
        OPERATORS,
        rows.FailedPayloadFactory,
        lambda row: FailedPayload.objects.get(pk=row.pk).closed_how == "retried",
        "retry_failure",
        unfit=lambda: rows.FailedPayloadFactory(closed_at=now()),
    ),
    Case(
        "connectors.FailedPayload",
        "dismiss",
        OPERATORS,
        rows.FailedPayloadFactory,
        lambda row: FailedPayload.objects.get(pk=row.pk).closed_how == "dismissed",
        "dismiss_failure",
        unfit=lambda: rows.FailedPayloadFactory(closed_at=now()),
        data={"why": "A test order."},
    ),
    Case(
        "connectors.SyncJob",
        "retry",
        OPERATORS,
        lambda: rows.SyncJobFactory(state="parked"),
        lambda row: SyncJob.objects.get(pk=row.pk).state == "waiting",
        "retry_job",
        unfit=lambda: rows.SyncJobFactory(state="running"),
    ),
    Case(
        "accounts.Account",
        "pause",
        LEADS,
        accounts.AccountFactory,
        lambda row: type(row).objects.get(pk=row.pk).paused,
        "pause_account",
        unfit=lambda: accounts.AccountFactory(paused=True),
        data={"why": "Stock count."},
    ),
    Case(
        "accounts.Account",
        "resume",
        LEADS,
        lambda: accounts.AccountFactory(paused=True),
        lambda row: not type(row).objects.get(pk=row.pk).paused,
        "resume_account",
        unfit=accounts.AccountFactory,
    ),
    Case(
        "accounts.Credential",
        "resume",
        LEADS,
        lambda: accounts.CredentialFactory(state="refused", refused_reason="No."),
        lambda row: Credential.objects.get(pk=row.pk).state == "ok",
        "resume_credential",
        unfit=accounts.CredentialFactory,
    ),
    Case(
        "accounts.ScopedSetting",
        "inherit",
        {"integrator"},
        lambda: accounts.ScopedSettingFactory(account=accounts.AccountFactory()),
        lambda row: not ScopedSetting.objects.exists(),
        "change_setting",
    ),
]
IDS = [f"{case.model}-{case.name}" for case in CASES]
each_case = pytest.mark.parametrize("case", CASES, ids=IDS)
OUT_OF_PLACE = [case for case in CASES if case.unfit is not None]


def test_every_button_of_the_console_is_in_this_table():
    there = {(offer.model._meta.label, offer.name) for offer in offers.every_offer()}

    assert {(case.model, case.name) for case in CASES} == there


@each_case
@pytest.mark.parametrize("role", ROLES)
class TestAsEachRole:
    def test_it_works_for_those_who_may_and_is_refused_in_words_to_others(
        self, case, role, sign_in, button
    ):
        row = case.make()

        answer = sign_in(role).post(button(row, case.name), case.data)

        if role in case.may:
            assert answer.status_code == 302
            assert case.did(row)
            assert Audit.objects.filter(action=case.audit).count() == 1
        else:
            assert answer.status_code == 403
            assert "You may not do this" in answer.content.decode()
            assert not case.did(row)
            assert not Audit.objects.exists()

    def test_it_is_shown_to_those_who_may_and_to_nobody_else(
        self, case, role, sign_in, button, page_of
    ):
        row = case.make()

        page = sign_in(role).get(page_of(row)).content.decode()

        assert (button(row, case.name) in page) == (role in case.may)


@each_case
class TestGuards:
    def test_by_get_nothing_happens_whoever_asks(self, case, sign_in, button):
        row = case.make()
        clients = [*(sign_in(role) for role in ROLES), Client()]

        answers = [client.get(button(row, case.name), case.data) for client in clients]

        assert {answer.status_code for answer in answers} == {405}
        assert not case.did(row)

    def test_without_the_token_nothing_happens(self, case, sign_in, button):
        row = case.make()

        client = sign_in("integrator", enforce_csrf_checks=True)
        answer = client.post(button(row, case.name), case.data)

        assert answer.status_code == 403
        assert "out of date" in answer.content.decode()
        assert not case.did(row)

    def test_strangers_are_asked_to_sign_in_and_come_to_the_record(
        self, case, button, page_of
    ):
        row = case.make()

        answer = Client().post(button(row, case.name), case.data)

        assert answer.status_code == 302
        assert answer.url.endswith(f"?next={page_of(row)}")
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
class TestOutOfPlace:
    def test_it_says_why_and_does_nothing(self, case, sign_in, button):
        row = case.unfit()

        answer = sign_in("integrator").post(
            button(row, case.name), case.data, follow=True
        )

        assert answer.status_code == 200
        assert 'class="warning"' in answer.content.decode()
        assert not Audit.objects.exists()

    def test_it_is_not_offered(self, case, sign_in, button, page_of):
        row = case.unfit()

        page = sign_in("integrator").get(page_of(row)).content.decode()

        assert button(row, case.name) not in page


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

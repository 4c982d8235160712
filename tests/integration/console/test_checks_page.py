"""The page of an account's checks: chosen by form, weighed on open orders, then saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Audit
from connectors.casework import BulkRetry
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.models import SyncJob
from connectors.sync import config
from orders.checks import CHOICES, Checks, Severity
from orders.pictures import to_picture
from orders.records import LineRecord, OrderRecord, OrderStage
from tests.factories.accounts import (
    AccountAccessFactory,
    AccountFactory,
    BrandFactory,
    ScopedSettingFactory,
    UserFactory,
)
from tests.factories.connectors import (
    CauseFactory,
    FailedPayloadFactory,
    SyncJobFactory,
)
from tests.factories.orders import ADDRESS, LineItemFactory, OrderFactory

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
STATE = "address.state_missing"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def account() -> Any:
    made: Any = AccountFactory(name="Main", export_from=now())
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=made,
        document={"Ground": {"carrier": "ups", "method": "ground"}},
        user=None,
        now=now(),
    )
    return made


@pytest.fixture
def integrator(sign_in: Any) -> Client:
    client: Client = sign_in("integrator")
    return client


def stopped(account: Any) -> Any:
    """An order without a state, and the failure that it waits in."""
    order: Any = OrderFactory(account=account, state="failed")
    line: Any = LineItemFactory(order=order)
    record = OrderRecord(
        salesforce_id=order.salesforce_id,
        order_number=order.order_number,
        stage=OrderStage.ACTIVATED,
        status="Activated",
        modified_at=order.source_modified_at,
        ship_to=replace(ADDRESS, state=""),
        shipping_method="Ground",
        lines=(LineRecord(line.salesforce_id, "1", line.sku, line.quantity),),
    )
    order.picture = to_picture(record)
    order.save(update_fields=["picture"])
    job: Any = SyncJobFactory(
        account=account, order=order, subject=str(order.pk), state="parked"
    )
    FailedPayloadFactory(job=job, code=STATE)
    return order


def page(account: Any) -> str:
    return reverse("admin:checks", args=[account.pk])


def form(do: str = "impact", **values: str) -> dict[str, str]:
    """What a browser sends for the default with these values instead."""
    default = Checks()
    chosen = {code: level.value for code, level in CHOICES.items()}
    numbers = {
        "line_length": str(default.line_length),
        "most_lines": str(default.most_lines),
        "no_po_box": ", ".join(default.no_po_box),
    }
    return {**chosen, **numbers, "base": "0", "do": do, **values}


def choose(do: str = "impact", **values: str) -> dict[str, str]:
    """As `form`, with a missing state told only."""
    return {**form(do, **values), STATE: "warn"}


def row(answer: Any, code: str) -> Any:
    return next(one for one in answer.context["rows"] if one.entry.code == code)


def in_row(text: str, code: str) -> str:
    return text.partition(f'<tr id="{code}"')[2].partition("</tr>")[0]


def save(account: Any, document: dict[str, Any]) -> None:
    config.save(
        kind=ConfigKind.CHECKS, account=account, document=document, user=None, now=now()
    )


def versions(account: Any) -> list[dict[str, Any]]:
    rows = ConfigVersion.objects.filter(kind=ConfigKind.CHECKS, account=account)
    return [one.document for one in rows.order_by("number")]


class TestSeen:
    def test_every_check_stands_there_with_its_words_and_its_default(
        self, integrator: Client, account: Any
    ) -> None:
        answer = integrator.get(page(account))

        shown = {one.entry.code: one for one in answer.context["rows"]}
        assert list(shown) == list(CHOICES)
        for code, one in shown.items():
            head, _, choices = in_row(answer.text, code).partition("</th>")
            assert one.entry.title in head
            assert one.choice.value() == CHOICES[code]
            marked, is_marked, _ = choices.partition(">default<")
            assert is_marked
            assert marked.rsplit('value="')[-1].startswith(f'{CHOICES[code]}"')
        assert "In force: the default." in answer.text

    def test_what_was_chosen_is_chosen_on_the_page(
        self, integrator: Client, account: Any
    ) -> None:
        save(
            account,
            {
                "severities": {STATE: "off"},
                "line_length": 30,
                "most_lines": 0,
                "no_po_box": ["ups"],
                "split_brands": True,
            },
        )

        shown = integrator.get(page(account)).context["form"]

        names = ("line_length", "most_lines", "no_po_box", "split_brands")
        assert [shown[name].value() for name in (STATE, *names)] == [
            *("off", 30, 0, "ups", True)
        ]

    def test_what_each_stops_now_is_counted_in_this_account_alone(
        self, integrator: Client, account: Any
    ) -> None:
        order = stopped(account)
        again: Any = SyncJobFactory(account=account, order=order, kind="cancel_order")
        FailedPayloadFactory(job=again, code=STATE)
        closed: Any = SyncJobFactory(account=account, order=order, kind="other")
        FailedPayloadFactory(job=closed, code=STATE, closed_at=now())
        stopped(AccountFactory())

        answer = integrator.get(page(account))

        found = row(answer, STATE)
        assert (found.failures, found.orders) == (2, 1)
        assert row(answer, "address.zip_missing").failures == 0
        listed = integrator.get(found.address).context["cl"].result_list
        assert {one.account for one in listed} == {account}

    @pytest.mark.parametrize("role", ROLES)
    def test_all_roles_see_it_and_only_integrators_are_offered_to_save(
        self, sign_in: Any, account: Any, role: str
    ) -> None:
        text = sign_in(role).get(page(account)).text

        assert ("Save as a new version" in text) is (role == "integrator")
        assert ("Only an integrator may save" in text) is (role != "integrator")

    def test_an_account_that_is_not_ones_own_is_not_there(
        self, account: Any, client: Client
    ) -> None:
        user: Any = UserFactory(role="integrator")
        AccountAccessFactory(user=user, account=AccountFactory())
        client.force_login(user)

        assert client.get(page(account)).status_code == 404
        assert client.post(page(account), choose("save")).status_code == 404
        assert versions(account) == []

    def test_who_sees_one_brand_of_the_account_does_not_see_its_checks(
        self, account: Any, client: Client
    ) -> None:
        user: Any = UserFactory(role="integrator")
        brand: Any = BrandFactory(account=account)
        AccountAccessFactory(user=user, account=account, brand=brand)
        client.force_login(user)

        assert client.get(page(account)).status_code == 404

    def test_markup_is_shown_as_text(self, integrator: Client, account: Any) -> None:
        save(account, {"no_po_box": [EVIL]})
        ConfigVersion.objects.filter(kind=ConfigKind.CHECKS).update(note=EVIL)
        account.name = EVIL
        account.save()

        for answer in (
            integrator.get(page(account)),
            integrator.post(
                page(account), form(no_po_box=f"{EVIL}2", note=EVIL, line_length=EVIL)
            ),
            integrator.post(page(account), form(no_po_box=f"{EVIL}2", note=EVIL)),
        ):
            assert EVIL not in answer.text
            assert "&lt;script&gt;alert(1)" in answer.text


class TestWaysToIt:
    @pytest.mark.parametrize("name", ["checks", "routing"])
    def test_the_only_account_is_opened_straight_away_and_several_are_named(
        self, integrator: Client, account: Any, name: str
    ) -> None:
        at = reverse(f"admin:{name}_index")
        opened = reverse(f"admin:{name}", args=[account.pk])

        assert integrator.get(at).headers["location"] == opened
        other: Any = AccountFactory()
        text = integrator.get(at).text
        assert opened in text
        assert reverse(f"admin:{name}", args=[other.pk]) in text

    def test_without_an_account_it_says_what_to_do(self, integrator: Client) -> None:
        text = integrator.get(reverse("admin:checks_index")).text

        assert "Connect one under Accounts." in text

    @pytest.mark.parametrize("name", ["config", "accounts_account_change"])
    def test_configuration_and_the_accounts_page_lead_here(
        self, integrator: Client, account: Any, name: str
    ) -> None:
        args = [account.pk] if name.startswith("accounts") else []

        text = integrator.get(reverse(f"admin:{name}", args=args)).text

        assert page(account) in text

    def test_json_stays_for_who_wants_it(
        self, integrator: Client, account: Any
    ) -> None:
        first = integrator.get(integrator.get(page(account)).context["as_json"])
        assert first.context["adminform"].form.initial["kind"] == "checks"
        save(account, {"line_length": 30})
        later = integrator.get(integrator.get(page(account)).context["as_json"])

        assert '"line_length": 30' in later.context["adminform"].form.initial["text"]

    @pytest.mark.parametrize(
        ("role", "code", "is_offered"),
        [
            ("integrator", STATE, True),
            ("operator", STATE, False),
            ("integrator", "lines.none", False),
        ],
    )
    def test_a_failures_fix_leads_to_its_check_who_may_change_it(
        self, sign_in: Any, account: Any, role: str, code: str, is_offered: bool
    ) -> None:
        job: Any = SyncJobFactory(account=account, state="parked")
        FailedPayloadFactory(job=job, code=code, fingerprint="one")
        cause: Any = CauseFactory(fingerprint="one", code=code, account=account)

        text = sign_in(role).get(reverse("admin:cause", args=[cause.pk])).text

        assert (f"{page(account)}#{code}" in text) is is_offered


class TestPreview:
    @pytest.mark.parametrize("role", ROLES)
    def test_says_what_would_go_and_changes_nothing(
        self, sign_in: Any, account: Any, role: str
    ) -> None:
        order = stopped(account)
        before = Audit.objects.count()

        answer = sign_in(role).post(page(account), choose())

        impact = answer.context["impact"]
        assert [one.order_id for one in impact.unblocks] == [order.pk]
        assert "unblocks 1" in answer.text
        (change,) = answer.context["changes"]
        assert change.where == "No state"
        assert (change.before, change.after) == ("Block", "Warn")
        assert answer.context["form"][STATE].value() == "warn"
        assert versions(account) == []
        assert Audit.objects.count() == before
        assert SyncJob.objects.get(subject=str(order.pk)).state == "parked"

    def test_says_what_would_stop(self, integrator: Client, account: Any) -> None:
        save(account, {"severities": {STATE: "off"}})
        stopped(account)

        answer = integrator.post(page(account), form(base="1"))

        assert "blocks 1" in answer.text

    def test_of_what_is_in_force_says_so(
        self, integrator: Client, account: Any
    ) -> None:
        save(account, {"no_po_box": ["ups", "dhl"], "severities": {STATE: "block"}})

        text = integrator.post(page(account), form(no_po_box="DHL; ups,")).text

        assert "Nothing would change." in text


class TestSaving:
    def test_makes_a_version_of_what_differs_from_the_default(
        self, integrator: Client, account: Any
    ) -> None:
        sent = choose(
            "save",
            line_length="30",
            most_lines="0",
            no_po_box=" UPS ,dhl,, ups",
            split_brands="on",
            note="Labels changed",
        )

        answer = integrator.post(page(account), sent)

        assert answer.headers["location"] == page(account)
        assert versions(account) == [
            {
                "severities": {STATE: "warn"},
                "line_length": 30,
                "most_lines": 0,
                "no_po_box": ["dhl", "ups"],
                "split_brands": True,
            }
        ]
        assert config.checks(account).severity(STATE) is Severity.WARN
        audit = Audit.objects.filter(action="change_config").latest("pk")
        assert (audit.account, audit.note) == (account, "Labels changed")
        assert "Checks 1 is in force" in integrator.get(page(account)).text

    def test_back_to_the_default_keeps_nothing(
        self, integrator: Client, account: Any
    ) -> None:
        save(account, {"severities": {STATE: "off"}, "no_po_box": ["ups"]})

        integrator.post(page(account), form("save", base="1"))

        assert versions(account)[1:] == [{}]

    def test_lets_go_what_was_stopped(self, integrator: Client, account: Any) -> None:
        order = stopped(account)

        answer = integrator.post(page(account), choose("save"), follow=True)

        assert "unblocks 1" in answer.text
        assert SyncJob.objects.get(subject=str(order.pk)).state == "waiting"

    def test_lets_go_of_many_in_waves(self, integrator: Client, account: Any) -> None:
        ScopedSettingFactory(key="release_wave", value=1, account=account)
        stopped(account)
        stopped(account)

        answer = integrator.post(page(account), choose("save"), follow=True)

        assert BulkRetry.objects.get().total == 2
        assert "the first one first" in answer.text

    def test_by_going_back_lets_go_of_many_in_waves_too(
        self, integrator: Client, account: Any
    ) -> None:
        ScopedSettingFactory(key="release_wave", value=1, account=account)
        save(account, {"severities": {STATE: "warn"}})
        save(account, {})
        stopped(account)
        stopped(account)
        at = integrator.get(page(account)).context["history"]

        preview = integrator.get(f"{at}?back=1")
        integrator.post(at, {"back": 1, "in_force": 2, "why": "It was better"})

        assert "unblocks 2" in preview.text
        assert BulkRetry.objects.get().total == 2

    @pytest.mark.parametrize(
        ("given", "field", "words"),
        [
            ({"line_length": "-1"}, "line_length", "from 0 to 255"),
            ({"line_length": "256"}, "line_length", "from 0 to 255"),
            ({"line_length": "long"}, "line_length", "from 0 to 255"),
            ({"most_lines": ""}, "most_lines", "from 0 to 10,000"),
            ({"most_lines": "10001"}, "most_lines", "from 0 to 10,000"),
            ({"most_lines": "9" * 5000}, "most_lines", "from 0 to 10,000"),
            ({STATE: "shout"}, STATE, "block, warn or off"),
            ({STATE: ""}, STATE, "Choose one"),
            ({"no_po_box": "x" * 1001}, "no_po_box", "at most 1000"),
        ],
    )
    def test_refuses_what_cannot_be_meant_and_keeps_what_was_typed(
        self,
        integrator: Client,
        account: Any,
        given: dict[str, str],
        field: str,
        words: str,
    ) -> None:
        sent = {**form("save", note="Try", split_brands="on"), **given}

        answer = integrator.post(page(account), sent)

        assert answer.status_code == 200
        assert "Nothing was saved" in answer.text
        assert words in answer.context["form"].errors[field][0]
        assert words in answer.text
        assert answer.context["form"][field].value() == given[field]
        assert answer.context["form"]["split_brands"].value() is True
        assert 'value="Try"' in answer.text
        assert versions(account) == []

    @pytest.mark.parametrize("role", sorted(set(ROLES) - {"integrator"}))
    def test_is_for_integrators(self, sign_in: Any, account: Any, role: str) -> None:
        client = sign_in(role)

        assert client.post(page(account), choose("save")).status_code == 403
        assert client.post(page(account), form("save")).status_code == 403
        assert versions(account) == []

    def test_does_not_write_over_what_somebody_saved_meanwhile(
        self, integrator: Client, account: Any
    ) -> None:
        save(account, {"line_length": 30})

        answer = integrator.post(page(account), choose("save"))

        assert "Somebody saved checks meanwhile" in answer.text
        assert answer.context["form"][STATE].value() == "warn"
        assert versions(account) == [{"line_length": 30}]
        again = choose("save", base=str(answer.context["base"]))
        integrator.post(page(account), again)
        assert len(versions(account)) == 2

    def test_makes_no_version_that_says_nothing_new(
        self, integrator: Client, account: Any
    ) -> None:
        answer = integrator.post(page(account), form("save"))

        assert "in force already" in answer.text
        assert versions(account) == []

    def test_does_not_keep_a_character_that_no_text_has(
        self, integrator: Client, account: Any
    ) -> None:
        answer = integrator.post(page(account), choose("save", no_po_box="u\0s"))

        assert answer.status_code == 400
        assert versions(account) == []

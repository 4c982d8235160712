"""What Salesforce says of an order that may not be here, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from connectors.accounts.models import Audit, Credential
from connectors.config_versions import ConfigKind
from connectors.models import SyncJob
from connectors.sandbox.faults import Fault
from connectors.sync import config, whereabouts
from connectors.sync.actions import ActionRefusedError
from connectors.sync.whereabouts import Place, Sighting
from orders.models import Order
from tests.factories.accounts import AccountAccessFactory, AccountFactory, UserFactory
from tests.stories.reading import a_user
from tests.town import START, Town


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Town:
    settings.SHIPSYNC_SANDBOX = True
    return Town(monkeypatch)


def number(town: Town, order: str) -> str:
    return str(town.in_salesforce(order)["OrderNumber"])


def ask(town: Town, term: str, user: Any = None) -> list[Sighting]:
    return whereabouts.look_for(term, user=user or a_user(), clock=town.now)


def place(town: Town, term: str) -> Place:
    (found,) = ask(town, term)
    assert found.words.endswith(".")
    return found.place


class TestAnOrderThatIsNotHere:
    def test_is_a_draft(self, town: Town) -> None:
        order = town.order(activate=False)

        (found,) = ask(town, number(town, order))

        assert (found.place, found.salesforce_id) == (Place.DRAFT, order)
        assert "not activated" in found.words
        assert found.may_read

    def test_was_activated_before_go_live(self, town: Town) -> None:
        later = START + timedelta(days=1)
        type(town.account).objects.update(export_from=later)
        order = town.order()

        (found,) = ask(town, number(town, order))

        assert found.place is Place.BEFORE_GO_LIVE
        assert "2026-11-28 06:00" in found.words

    def test_is_not_eligible_because_of_the_rule(self, town: Town) -> None:
        config.save(
            kind=ConfigKind.ELIGIBILITY,
            organization=town.organization,
            document={
                "conditions": [
                    {"field": "po_number", "test": "is_not", "values": ["HOUSE"]}
                ]
            },
            user=None,
            now=START,
        )
        order = town.order(PoNumber="House")

        (found,) = ask(town, number(town, order))

        assert found.place is Place.NOT_ELIGIBLE
        assert "po number is “House”" in found.words

    def test_is_to_come_and_can_be_read_at_once(self, town: Town) -> None:
        order = town.order()
        assert place(town, number(town, order)) is Place.COMING

        whereabouts.read_order(
            organization=town.organization,
            salesforce_id=order,
            user=a_user(),
            now=town.now(),
        )
        town.work()

        assert place(town, number(town, order)) is Place.HERE
        assert Audit.objects.filter(action="read_source").count() == 1

    def test_was_deleted(self, town: Town) -> None:
        order = town.order(activate=False)
        named = number(town, order)
        town.desk.delete_order(order)

        assert place(town, named) is Place.DELETED

    def test_is_not_visible_to_our_user(self, town: Town) -> None:
        order = town.order()
        town.salesforce.switches["unshared_records"] = [order]

        (found,) = ask(town, number(town, order))

        assert found.place is Place.NOT_VISIBLE
        assert "not visible to ShipSync's user" in found.help
        assert not found.may_read

    def test_does_not_exist(self, town: Town) -> None:
        assert place(town, "99999999") is Place.NOT_VISIBLE

    def test_cannot_be_read(self, town: Town) -> None:
        order = town.order()
        spoil(town, order)

        (found,) = ask(town, number(town, order))

        assert found.place is Place.UNREADABLE


def spoil(town: Town, order: str) -> None:
    with town.salesforce.turn():
        row = town.salesforce.get("Order", order) or {}
        town.salesforce.put("Order", order, {**row, "ActivatedDate": "yesterday"})


class TestTheTerm:
    def test_may_lack_the_zeros(self, town: Town) -> None:
        order = town.order()

        assert place(town, f"#{number(town, order).lstrip('0')} ") is Place.COMING

    @pytest.mark.parametrize("length", [15, 18])
    def test_may_be_the_id(self, town: Town, length: int) -> None:
        assert place(town, town.order()[:length]) is Place.COMING

    def test_may_be_the_customers_own_number(self, town: Town) -> None:
        town.order(PoNumber="PO'7\\")

        assert place(town, "PO'7\\") is Place.COMING

    @pytest.mark.parametrize("term", ["", " # ", "x" * 81, "1\x00"])
    def test_that_names_nothing_is_refused_unasked(self, town: Town, term: str) -> None:
        before = len(town.salesforce.ledger())

        with pytest.raises(ActionRefusedError):
            ask(town, term)

        assert len(town.salesforce.ledger()) == before


class TestSalesforceThatCannotBeAsked:
    def test_is_named_beside_what_is_known_here(self, town: Town) -> None:
        order = town.order()
        named = number(town, order)
        town.tick(60)
        town.salesforce.faults.script("salesforce.query", *[Fault.SERVER_ERROR] * 3)

        here, silent = ask(town, named)

        assert (here.place, silent.place) == (Place.HERE, Place.NOT_ASKED)
        assert Credential.objects.get(system="salesforce").breaker_failures > 0

    def test_is_not_asked_through_a_refused_login(self, town: Town) -> None:
        Credential.objects.filter(system="salesforce").update(state="refused")
        before = len(town.salesforce.ledger())

        assert place(town, "1") is Place.NOT_ASKED
        assert len(town.salesforce.ledger()) == before


class TestWhoMayAsk:
    def test_nobody_without_the_right_to_see_orders(self, town: Town) -> None:
        with pytest.raises(PermissionDenied):
            ask(town, "1", UserFactory.create())

    def test_another_accounts_order_is_told_to_nobody_else(self, town: Town) -> None:
        order = town.order()
        named = number(town, order)
        town.tick(60)
        Order.objects.update(account=AccountFactory.create())
        viewer = UserFactory.create(role="viewer")
        AccountAccessFactory.create(user=viewer, account=town.account)

        (found,) = ask(town, named, viewer)

        assert (found.place, found.order, found.salesforce_id) == (
            Place.NOT_VISIBLE,
            None,
            "",
        )

    def test_another_organization_is_not_asked(self, town: Town) -> None:
        viewer = UserFactory.create(role="viewer")
        AccountAccessFactory.create(user=viewer, account=AccountFactory.create())
        AccountAccessFactory.create(user=viewer, account=AccountFactory.create())
        before = len(town.salesforce.ledger())

        found = ask(town, "1", viewer)

        assert town.organization not in [one.organization for one in found]
        assert len(town.salesforce.ledger()) == before

    def test_a_viewer_may_not_have_it_read(self, town: Town) -> None:
        with pytest.raises(PermissionDenied):
            whereabouts.read_order(
                organization=town.organization,
                salesforce_id=town.order(),
                user=UserFactory.create(role="viewer"),
                now=town.now(),
            )


def test_one_row_that_makes_no_sense_holds_no_other_up_and_is_seen(
    town: Town,
) -> None:
    bad, good = town.order(), town.order()
    spoil(town, bad)

    town.run(minutes=1)

    assert Order.objects.get().salesforce_id == good
    parked = SyncJob.objects.get(kind="read_source", state="parked")
    assert parked.subject == bad
    assert parked.failures.get(closed_at=None).code == "source.malformed"

    with town.salesforce.turn():
        row = town.salesforce.get("Order", bad) or {}
        fixed = {**row, "ActivatedDate": row["SystemModstamp"]}
        town.salesforce.put("Order", bad, fixed)
    town.run(minutes=1)
    assert not parked.failures.filter(closed_at=None).exists()

"""What the rules are given of the world around an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.config_versions import ConfigKind
from connectors.sync import config, planning, replay, units, what_if
from orders import mirroring, services
from orders.exporting import Plan
from orders.models import Order
from orders.pictures import to_picture
from orders.records import Address, LineRecord, OrderRecord, OrderStage
from tests.factories.accounts import AccountFactory
from tests.factories.inventory import (
    ProductCaseFactory,
    ProductFactory,
    UnitFactorFactory,
)
from tests.factories.orders import (
    ExportFactory,
    ExportLineFactory,
    OrderFactory,
    OverrideFactory,
)

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
HOME = Address(
    last_name="Byron",
    address1="12 Mill Lane",
    city="Tulsa",
    state="OK",
    zip="74103",
    country="US",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Any:
    account: Any = AccountFactory.create()
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=account,
        document={"Ground": {"carrier": "ups", "method": "ups_ground"}},
        user=None,
        now=NOW,
    )
    return account


def an_order(account: Any, number: str = "100", **values: Any) -> Order:
    order: Any = OrderFactory.create(
        account=account,
        organization=account.organization,
        order_number=number,
        is_eligible=True,
    )
    record = OrderRecord(
        **{
            "salesforce_id": order.salesforce_id,
            "order_number": number,
            "stage": OrderStage.ACTIVATED,
            "status": "Activated",
            "modified_at": NOW,
            "ship_to": HOME,
            "shipping_method": "Ground",
            "lines": (LineRecord("802A", "1", "MUG", Decimal(1)),),
            **values,
        }
    )
    Order.objects.filter(pk=order.pk).update(picture=to_picture(record))
    order.refresh_from_db()
    return order


def plan(order: Order) -> Plan:
    found = planning.plan_of(order, now=NOW)
    assert found is not None
    return found


def codes(order: Order) -> list[str]:
    return [one.code for one in plan(order).problems]


class TestDuplicateNumbers:
    def test_block_the_younger_order_only(self, account: Any) -> None:
        older, younger = an_order(account), an_order(account)

        assert codes(older) == []
        assert codes(younger) == ["order.duplicate_number"]

    def test_never_block_what_stands_in_the_warehouse(self, account: Any) -> None:
        older, younger = an_order(account), an_order(account)
        ExportFactory.create(order=younger, account=account, remote_id="there")

        assert codes(younger) == []
        assert codes(older) == ["order.duplicate_number"]

    def test_end_when_the_other_is_canceled(self, account: Any) -> None:
        older, younger = an_order(account), an_order(account)
        ExportFactory.create(
            order=older, account=account, remote_id="there", canceled_at=NOW
        )
        Order.objects.filter(pk=older.pk).update(state="canceled")

        assert codes(younger) == []

    def test_are_no_matter_in_another_account(self, account: Any) -> None:
        an_order(AccountFactory.create())

        assert codes(an_order(account)) == []

    def test_that_are_not_to_ship_block_nobody(self, account: Any) -> None:
        Order.objects.filter(pk=an_order(account).pk).update(is_eligible=False)

        assert codes(an_order(account)) == []


class TestCatalogue:
    def test_that_was_never_read_makes_no_sku_unknown(self, account: Any) -> None:
        assert plan(an_order(account)).warnings == ()

    def test_that_was_read_tells_the_unknown_sku(self, account: Any) -> None:
        account.products.create(sku="TEE", read_at=NOW)

        found = plan(an_order(account))

        assert [one.code for one in found.warnings] == ["sku.unknown"]
        assert found.wanted is not None

    def test_knows_the_sku_behind_an_alias(self, account: Any) -> None:
        account.products.create(sku="TEE", read_at=NOW)
        config.save(
            kind=ConfigKind.SKU_ALIASES,
            account=account,
            document={"rows": [{"from": "MUG", "to": "TEE"}]},
            user=None,
            now=NOW,
        )

        assert plan(an_order(account)).warnings == ()


class TestOverride:
    def test_stands_in_the_source_s_place_until_its_time(self, account: Any) -> None:
        order = an_order(account, ship_to=HOME)
        OverrideFactory.create(
            order=order, field="ship_to.zip", value="x", until=NOW + timedelta(hours=1)
        )

        assert codes(order) == ["address.zip_invalid"]
        order.overrides.update(until=NOW)
        assert codes(order) == []

    def test_that_ended_counts_no_more(self, account: Any) -> None:
        order = an_order(account)
        OverrideFactory.create(
            order=order, field="ship_to.zip", value="x", ended_at=NOW
        )

        assert codes(order) == []


def test_an_accounts_checks_decide_what_blocks(account: Any) -> None:
    order = an_order(account, email="nobody")
    assert [one.code for one in plan(order).warnings] == ["email.invalid"]

    config.save(
        kind=ConfigKind.CHECKS,
        account=account,
        document={"severities": {"email.invalid": "block"}},
        user=None,
        now=NOW,
    )

    assert codes(order) == ["email.invalid"]


def test_the_address_is_tidied_and_the_source_s_own_is_kept(account: Any) -> None:
    typed = Address(
        last_name="Byron\x07",
        address1=" 12  Mill Lane",
        city="Tulsa",
        state="oklahoma",
        zip="741031234",
        country="Vereinigte Staaten",
    )
    order = an_order(account, ship_to=typed)

    wanted = plan(order).wanted

    assert wanted is not None
    assert (wanted.ship_to.state, wanted.ship_to.zip) == ("OK", "74103-1234")
    assert wanted.ship_to.address1 == "12 Mill Lane"
    assert order.picture["ship_to"]["state"] == "oklahoma"


def test_an_order_of_500_lines_is_planned_whole(account: Any) -> None:
    lines = tuple(
        LineRecord(f"802{at:015d}", str(at), f"SKU-{at}", Decimal(1), Decimal(at))
        for at in range(500)
    )

    wanted = plan(an_order(account, lines=lines)).wanted

    assert wanted is not None
    assert [line.sku for line in wanted.lines] == [line.sku for line in lines]


class TestUnits:
    """An order of three lines in cases: from the table, from a carton, and frozen."""

    @pytest.fixture
    def order(self, account: Any) -> Order:
        product = ProductFactory(account=account, sku="TEE")
        ProductCaseFactory(product=product, units=12)
        UnitFactorFactory(account=account, sku="MUG", unit="case", factor=24)
        lines = [
            LineRecord(f"802{sku}", "1", sku, Decimal(2), unit="Case")
            for sku in ("MUG", "TEE", "INK")
        ]
        order = an_order(account, lines=tuple(lines))
        export = ExportFactory(order=order, account=account, key="K")
        ExportLineFactory(
            export=export, key="802INK", sku="INK", unit="Case", unit_factor=6
        )
        return order

    def test_each_is_counted_in_pieces(self, order: Order) -> None:
        wanted = plan(order).wanted
        assert wanted is not None
        found = {line.sku: (line.quantity, line.factor) for line in wanted.lines}
        assert found == {"MUG": (48, 24), "TEE": (24, 12), "INK": (12, 6)}

    def test_what_is_frozen_says_how_it_was_counted(self, order: Order) -> None:
        wanted = plan(order).wanted
        assert wanted is not None
        export = order.exports.get()
        services.freeze_lines(export=export, wanted=wanted)

        rows = export.lines.values_list("sku", "quantity", "unit", "unit_factor")
        assert set(rows) == {
            ("MUG", 48, "Case", 24),
            ("TEE", 24, "Case", 12),
            ("INK", 12, "Case", 6),
        }

    def test_a_replay_counts_as_production_does(self, order: Order) -> None:
        account = order.account
        assert account is not None
        again = replay.Replay(account, (replay.in_force(account),), NOW)
        ((_, (replayed,)),) = again.plans(Order.objects.filter(pk=order.pk))

        wanted = plan(order).wanted
        assert wanted is not None
        assert replayed.wanted is not None
        assert replayed.wanted.lines == wanted.lines

    def test_an_order_in_pieces_asks_for_no_units(
        self, account: Any, django_assert_num_queries: Any
    ) -> None:
        order = an_order(account)
        record = mirroring.source_record(order)
        with django_assert_num_queries(0):
            units.units_of(account, record, skus={"MUG"}, export=None)


class TestADraftOfChecks:
    def weighed(self, account: Any, **severities: str) -> what_if.Impact:
        document = {
            "severities": {
                code.replace("__", "."): level for code, level in severities.items()
            }
        }
        return what_if.impact(account, ConfigKind.CHECKS, document, now=NOW)

    def test_says_what_would_stop_and_changes_nothing(self, account: Any) -> None:
        order = an_order(account, email="nobody")

        found = self.weighed(account, email__invalid="block")

        assert [one.order_id for one in found.blocks] == [order.pk]
        assert codes(order) == []

    def test_knows_whose_number_is_taken(self, account: Any) -> None:
        _older, younger, _other = (
            an_order(account),
            an_order(account),
            an_order(account, number="200"),
        )

        found = self.weighed(account, order__duplicate_number="warn")

        assert [one.order_id for one in found.unblocks] == [younger.pk]
        assert "another order's already" in found.unblocks[0].why

    def test_unblocks_nothing_whose_number_is_taken(self, account: Any) -> None:
        an_order(account)
        an_order(account, ship_to=replace(HOME, state=""))

        assert self.weighed(account, address__state_missing="warn").parts == []
        both = {"address__state_missing": "warn", "order__duplicate_number": "off"}
        assert self.weighed(account, **both).words == "unblocks 1"

    def test_says_what_a_shorter_line_changes(self, account: Any) -> None:
        an_order(account, ship_to=replace(HOME, address1="12 Mill Lane, Back Yard 3"))

        found = what_if.impact(account, ConfigKind.CHECKS, {"line_length": 15}, now=NOW)

        assert found.words == "changes 1"

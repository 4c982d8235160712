"""The parts of an order that several accounts ship."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.accounts.models import AccountAccess
from connectors.config_versions import ConfigKind
from connectors.sync import (
    config,
    forecast,
    parting,
    placements,
    planning,
    telling,
    watch,
)
from connectors.sync.actions import ActionRefusedError
from connectors.sync.phases import LeaseLostError
from connectors.sync.places import Places
from connectors.sync.watch_orders import look
from orders import parts, services, standing
from orders.models import Export, LineItem, Order
from orders.records import LineRecord
from tests.factories.accounts import AccountFactory, BrandFactory, UserFactory
from tests.factories.connectors import FailedPayloadFactory
from tests.factories.orders import (
    ExportFactory,
    ExportLineFactory,
    OrderExceptionFactory,
    ReturnFactory,
)
from tests.integration.sync.test_planning import NOW, an_order
from tests.stories.reading import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def home() -> Any:
    account: Any = AccountFactory.create(own_tag="shipsync", export_from=NOW)
    methods(account)
    config.save(
        kind=ConfigKind.CHECKS,
        account=account,
        document={"split_brands": True},
        user=None,
        now=NOW,
    )
    BrandFactory.create(account=account, code="alpha", tag="tag-alpha")
    return account


@pytest.fixture
def other(home: Any) -> Any:
    account: Any = AccountFactory.create(
        organization=home.organization, own_tag="shipsync", export_from=NOW
    )
    methods(account)
    BrandFactory.create(account=account, code="beta", tag="tag-beta")
    BrandFactory.create(account=account, code="gamma", tag="tag-gamma")
    return account


def methods(account: Any) -> None:
    document = {"Ground": {"carrier": "ups", "method": "ups_ground"}}
    kind = ConfigKind.SHIPPING_METHODS
    config.save(kind=kind, account=account, document=document, user=None, now=NOW)


def line(key: str, brand: str, sku: str = "") -> LineRecord:
    return LineRecord(key, key, sku or f"SKU-{key}", Decimal(2), brand=brand)


def branded(home: Any, *lines: LineRecord, **values: Any) -> Order:
    order = an_order(home, lines=lines, **values)
    Order.objects.filter(pk=order.pk).update(activated_at=NOW)
    for one in lines:
        LineItem.objects.create(
            order=order, salesforce_id=one.salesforce_id, sku=one.sku, quantity=2
        )
    Places(order.organization).place_lines(order)
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def order(home: Any, other: Any) -> Order:
    return branded(
        home,
        line("a", "Alpha"),
        line("b", "beta"),
        line("c", "gamma"),
        shipping_price=Decimal("9.90"),
        total_tax=Decimal(3),
    )


def standing_in(order: Order, account: Any, *keys: str, **values: Any) -> Export:
    rows = [{"key": key, "sku": key, "quantity": 2} for key in keys]
    generation = values.pop("generation", 1)
    export: Any = ExportFactory.create(
        order=order,
        account=account,
        generation=generation,
        key=services.export_key(account, order, generation),
        **{
            "remote_id": f"R{account.pk}-{generation}",
            "wanted": {"lines": rows},
            "sent": {"lines": rows},
            "acknowledged": {"lines": rows},
            "facts": {"status": "pending"},
            **values,
        },
    )
    for key in keys:
        ExportLineFactory.create(export=export, key=key, sku=key, quantity=2)
    return export


class TestPlans:
    def test_each_part_has_its_lines_and_its_tags(
        self, order: Order, home: Any, other: Any
    ) -> None:
        found = planning.plans_of(order, now=NOW)

        wanted = {part.account: part.plan.wanted for part in found}
        keys = {
            account: [one.key for one in plan.lines] for account, plan in wanted.items()
        }
        assert keys == {home: ["a"], other: ["b", "c"]}
        assert wanted[home].tags == ("shipsync", "tag-alpha")
        assert wanted[other].tags == ("shipsync", "tag-beta", "tag-gamma")
        assert wanted[home].key != wanted[other].key

    def test_amounts_of_the_order_are_told_once(self, order: Order) -> None:
        ours, theirs = (one.plan.wanted for one in planning.plans_of(order, now=NOW))

        assert (ours.shipping_price, ours.total_tax) == ("9.90", "3.00")
        assert (theirs.shipping_price, theirs.total_tax) == ("0.00", "0.00")

    def test_a_problem_is_told_of_the_part_that_has_it(
        self, home: Any, other: Any
    ) -> None:
        order = branded(home, line("a", "alpha"), line("b", "beta", sku=" "))

        found = telling.examine(order, now=NOW).problems

        assert [(one.code, one.field) for one in found] == [
            ("sku.missing", "lines[1].sku")
        ]
        assert found[0].reason == "Line b has no SKU."

    def test_what_is_wrong_with_the_head_is_told_once(
        self, home: Any, other: Any
    ) -> None:
        order = branded(home, line("a", "alpha"), line("b", "beta"), shipping_method="")

        found = telling.examine(order, now=NOW).problems

        assert [one.code for one in found] == ["method.missing"]

    def test_the_forecast_tells_of_each(
        self, order: Order, home: Any, other: Any
    ) -> None:
        words = forecast.of_order(order, now=NOW).words

        assert f"{home}: will create it in ShipHero" in words
        assert f"{other}: will create it in ShipHero" in words

    def test_a_part_waits_for_its_own_account_to_go_live(
        self, order: Order, other: Any
    ) -> None:
        type(other).objects.filter(pk=other.pk).update(export_from=None)

        told = {one.pk: told.will for one, told in forecast.of_parts(order, now=NOW)}

        assert told[other.pk] == "nothing"
        assert told[order.account_id or 0] == "create"


class TestALine:
    def test_that_stands_elsewhere_is_not_wanted_here(
        self, order: Order, home: Any, other: Any
    ) -> None:
        standing_in(order, home, "a", "b")

        assert parts.keys_to_ship(order, other.pk) == {"c"}
        (_, theirs) = planning.plans_of(order, now=NOW)
        assert [one.key for one in theirs.plan.wanted.lines] == ["c"]

    @pytest.mark.parametrize(
        ("values", "is_free"),
        [
            pytest.param({}, False, id="sent and accepted"),
            pytest.param({"wanted": {"lines": []}}, False, id="wanted no more"),
            pytest.param(
                {"wanted": {"lines": []}, "acknowledged": {"lines": []}},
                True,
                id="read back as gone",
            ),
            pytest.param(
                {"sent": None, "acknowledged": None, "remote_id": ""},
                False,
                id="only wanted yet",
            ),
            pytest.param(
                {"wanted": {"lines": []}, "acknowledged": None},
                False,
                id="sent, and never read back",
            ),
            pytest.param({"canceled_at": NOW}, True, id="canceled there"),
        ],
    )
    def test_is_free_when_it_is_surely_gone(
        self,
        order: Order,
        home: Any,
        other: Any,
        values: dict[str, Any],
        is_free: bool,
    ) -> None:
        standing_in(order, home, "b", **values)

        assert ("b" in parts.keys_to_ship(order, other.pk)) is is_free

    def test_that_has_shipped_is_free_nowhere_else(
        self, order: Order, home: Any, other: Any
    ) -> None:
        export = standing_in(order, home, "b", canceled_at=NOW)
        export.lines.update(shipped=1)

        assert "b" not in parts.keys_to_ship(order, other.pk)

    def test_that_another_part_took_meanwhile_is_not_stored_as_wanted(
        self, order: Order, home: Any, other: Any
    ) -> None:
        mine = standing_in(order, other, "c")
        standing_in(order, home, "a", "b")

        with pytest.raises(LeaseLostError):
            parting.insist_free(order, mine, {"lines": [{"key": "b"}]})
        parting.insist_free(order, mine, {"lines": [{"key": "c"}]})

    def test_of_a_linked_order_is_never_parted(self, home: Any, other: Any) -> None:
        order = an_order(home, lines=(line("a", "alpha"), line("b", "beta")))
        for key in ("a", "b"):
            LineItem.objects.create(order=order, salesforce_id=key, quantity=1)
        standing_in(order, home, "x", linked_by_person=True)

        assert not Places(order.organization).place_lines(order)
        assert not Order.objects.get(pk=order.pk).is_split

    def test_that_stood_before_the_checks_changed_stays(
        self, home: Any, other: Any
    ) -> None:
        order = an_order(home, lines=(line("a", "alpha"), line("b", "beta")))
        for key in ("a", "b"):
            LineItem.objects.create(order=order, salesforce_id=key, quantity=1)
        standing_in(order, home, "a", "b")

        Places(order.organization).place_lines(order)

        assert not Order.objects.get(pk=order.pk).is_split


class TestGenerations:
    def test_are_counted_for_each_part(
        self, order: Order, home: Any, other: Any
    ) -> None:
        mine = standing_in(order, home, "a")
        theirs = services.open_export(order=order, account=other, now=NOW)
        again = services.open_next_generation(order=order, account=home, now=NOW)

        assert theirs.key == services.export_key(other, order, 1)
        assert again.key == services.export_key(home, order, 2)
        assert services.newest_of(order, home.pk) == again != mine

    def test_parts_beside_each_other_are_no_alarm(
        self, order: Order, home: Any, other: Any
    ) -> None:
        standing_in(order, home, "a", generation=2)
        standing_in(order, other, "b", "c")

        assert list(watch.older_live(Export.objects.all())) == []

    def test_an_older_one_of_the_same_part_is(self, order: Order, home: Any) -> None:
        old = standing_in(order, home, "a")
        standing_in(order, home, "a", generation=2)

        assert list(watch.older_live(Export.objects.all())) == [old]


class TestStanding:
    def test_salesforce_is_told_every_number(
        self, order: Order, home: Any, other: Any
    ) -> None:
        standing_in(order, home, "a", remote_number="N1")
        standing_in(order, other, "b", "c", remote_number="N2")

        told, _ = standing.writeback_of(order, failure="")

        assert told.remote_number == "N1, N2"

    def test_only_what_ended_without_a_shipment_is_exported_again(
        self, order: Order, home: Any, other: Any
    ) -> None:
        standing_in(order, home, "a")
        ended = standing_in(order, other, "b", "c", canceled_at=NOW)

        placements.re_export(order=order, why="x", user=a_user(), now=NOW)

        assert services.newest_of(order, other.pk) != ended
        assert order.exports.filter(account=home).count() == 1

    def test_nothing_is_exported_again_while_every_part_stands(
        self, order: Order, home: Any, other: Any
    ) -> None:
        standing_in(order, home, "a")
        standing_in(order, other, "b", "c")

        with pytest.raises(ActionRefusedError, match="No part"):
            placements.re_export(order=order, why="x", user=a_user(), now=NOW)

    def test_an_exception_is_told_of_the_part_that_has_it(
        self, order: Order, home: Any, other: Any
    ) -> None:
        standing_in(order, home, "a")
        theirs = standing_in(order, other, "b", "c")
        theirs.lines.filter(key="b").update(backordered=2)

        look(order, now=NOW)

        (row,) = order.exceptions.filter(kind="backorder")
        assert row.export == theirs


class TestPage:
    def test_names_who_ships_each_line_and_who_has_it_still(
        self, order: Order, home: Any, other: Any, client: Any
    ) -> None:
        standing_in(order, home, "a", "b", remote_number="N100")
        client.force_login(a_user())

        page = client.get(f"/admin/orders/order/{order.pk}/change/", follow=True)

        story = page.context["story"]
        assert [(part.account, part.lines) for part in story.parts] == [
            (home, ["SKU-a"]),
            (other, ["SKU-b", "SKU-c"]),
        ]
        assert [line.account for line in story.lines] == [
            home.name,
            f"{other.name}, still in {home.name}",
            other.name,
        ]
        removed = next(one for one in story.changes if one.what == "Line removed")
        assert (removed.before, removed.after) == ("2 of a", "")
        assert "Several accounts ship its lines" in page.content.decode()

    def test_tells_what_each_side_says_for_each_part(
        self, order: Order, home: Any, other: Any, client: Any
    ) -> None:
        standing_in(order, home, "a")
        standing_in(order, other, "b", "c", facts={"status": "there", "lines": []})
        client.force_login(a_user())

        page = client.get(f"/admin/orders/order/{order.pk}/change/", follow=True)

        sides = {side.title: side.rows for side in page.context["story"].sides}
        (status,) = [row for row in sides[other.name] if row.label == "Status"]
        assert list(sides) == [home.name, other.name]
        assert status.cells[2] == "there"

    def test_tells_nothing_of_an_account_that_its_reader_does_not_see(
        self, order: Order, home: Any, other: Any, client: Any
    ) -> None:
        standing_in(order, home, "a")
        theirs = standing_in(order, other, "b", "c", remote_number="N-THEIRS")
        FailedPayloadFactory.create(
            order=order, account=other, reason="Theirs to know.", code="x"
        )
        OrderExceptionFactory.create(
            order=order, export=theirs, account=other, reason="Their stock is short."
        )
        ReturnFactory.create(export=theirs, account=other, remote_id="THEIR-RETURN")
        limited = UserFactory.create(role="operator")
        AccountAccess.objects.create(user=limited, account=home)
        client.force_login(limited)

        page = client.get(f"/admin/orders/order/{order.pk}/change/", follow=True)

        text = page.content.decode()
        story = page.context["story"]
        assert [(part.account, part.lines) for part in story.parts] == [
            (home, ["SKU-a"]),
            (None, ["SKU-b", "SKU-c"]),
        ]
        assert "Another account" in text
        told = (theirs.key, "N-THEIRS", other.name, "Theirs to know.")
        for theirs_only in (*told, "Their stock is short.", "THEIR-RETURN"):
            assert theirs_only not in text, theirs_only

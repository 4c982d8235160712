"""A person's value: checked by the source's rules, with a name, a reason and an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from connectors.accounts.models import Audit, Organization
from connectors.models import SyncJob
from connectors.sync import overrides, planning, telling
from connectors.sync.actions import ActionRefusedError
from orders.models import Order, Override
from tests.factories.accounts import UserFactory
from tests.integration.sync.test_planning import HOME, NOW, account, an_order
from tests.stories.reading import a_user

__all__ = ["account"]
pytestmark = pytest.mark.django_db


def put(order: Order, field: str, value: str, **more: Any) -> Override:
    given = {"why": "She called.", "user": a_user(), "now": NOW, **more}
    return overrides.set_override(order=order, field=field, value=value, **given)


class TestSetting:
    def test_makes_a_blocked_order_go(self, account: Any) -> None:
        order = an_order(account, ship_to=replace(HOME, zip="7410"))
        assert planning.plan_of(order, now=NOW).wanted is None

        put(order, "ship_to.zip", " 74103\u200b ")

        wanted = planning.plan_of(order, now=NOW).wanted
        assert wanted.ship_to.zip == "74103"
        assert SyncJob.objects.get(kind="push_order").trigger == "person"
        assert Audit.objects.get(action="override_field").note == "She called."

    @pytest.mark.parametrize(
        ("field", "value", "more", "words"),
        [
            ("ship_to.zip", "SW1A 1AA", {}, "no postal code of US"),
            ("ship_to.city", "", {}, "has no city"),
            ("shipping_method", "Pigeon", {}, "is not mapped"),
            ("required_date", "soon", {}, "is no date"),
            ("lines", "x", {}, "cannot be set"),
            ("packing_note", "x" * 256, {}, "longer than 255"),
            ("packing_note", "x", {"why": " "}, "Say why"),
            ("packing_note", "x", {"until": NOW}, "has passed"),
        ],
    )
    def test_is_refused_in_the_words_of_the_rules(
        self, account: Any, field: str, value: str, more: Any, words: str
    ) -> None:
        with pytest.raises(ActionRefusedError, match=words):
            put(an_order(account), field, value, **more)
        assert not Override.objects.exists()
        assert not Audit.objects.filter(action="override_field").exists()

    def test_of_one_value_does_not_wait_for_the_others(self, account: Any) -> None:
        order = an_order(account, shipping_method="", ship_to=HOME)

        put(order, "ship_to.city", "Bixby")

        assert [one.code for one in planning.plan_of(order, now=NOW).problems] == [
            "method.missing"
        ]

    def test_again_takes_the_place_of_the_first(self, account: Any) -> None:
        order = an_order(account)
        put(order, "packing_note", "One")
        put(order, "packing_note", "Two")

        (row,) = overrides.in_force(order, now=NOW)
        assert row.value == "Two"
        assert Audit.objects.first().before == {"packing_note": "One"}

    def test_is_not_for_viewers(self, account: Any) -> None:
        with pytest.raises(PermissionDenied):
            put(an_order(account), "email", "", user=UserFactory(role="viewer"))


class TestEnding:
    def test_by_time_rings_for_what_the_source_wants(self, account: Any) -> None:
        order = an_order(account)
        until = NOW + timedelta(hours=1)
        put(order, "packing_note", "Fragile", until=until)

        assert overrides.rings_of_ended(account, now=NOW) == []
        rings = overrides.rings_of_ended(account, now=until)

        assert [(one.kind, one.order_id) for one in rings] == [("push_order", order.pk)]
        assert Override.objects.get().ended_at == until
        assert overrides.rings_of_ended(account, now=until) == []

    def test_by_a_person_is_refused_where_nothing_is_set(self, account: Any) -> None:
        with pytest.raises(ActionRefusedError, match="Nobody has set"):
            overrides.end_override(
                order=an_order(account), field="email", user=a_user(), now=NOW
            )


def test_each_problem_is_told_with_owner_fix_and_the_field_in_salesforce(
    account: Any,
) -> None:
    Organization.objects.update(instance_url="https://acme.my.salesforce.com")
    order = an_order(account, ship_to=replace(HOME, zip="7410"), email="nobody")
    order.refresh_from_db()

    found = telling.examine(order, now=NOW)

    by_code = {one.code: one for one in found.problems}
    bad = by_code["address.zip_invalid"]
    assert (bad.severity, bad.owner, bad.value) == ("block", "sales", "7410")
    assert bad.source == ("ShippingPostalCode",)
    assert by_code["email.invalid"].severity == "warn"
    assert bad.link.endswith(f"/lightning/r/Order/{order.salesforce_id}/view")

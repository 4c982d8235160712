"""A forecast says what a push would do, and does nothing."""

from __future__ import annotations

import pytest
from django.utils.timezone import now

from connectors.sync import forecast, verdicts
from connectors.sync.forecast import Will
from orders.eligibility import Verdict, Wish
from orders.models import Export
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def wish(monkeypatch):
    """What the source wants of the order."""

    def set_to(wanted, reason="Because."):
        monkeypatch.setattr(
            verdicts, "of", lambda _order: Verdict(wish=wanted, reason=reason)
        )

    return set_to


@pytest.mark.parametrize(
    ("wanted", "is_there", "will"),
    [
        (Wish.NOTHING, False, Will.NOTHING),
        (Wish.CANCEL, False, Will.NOTHING),
        (Wish.CANCEL, True, Will.CANCEL),
        (Wish.HOLD, True, Will.HOLD),
        (Wish.HOLD, False, Will.NOTHING),
    ],
)
def test_what_the_source_wants_decides_first(wish, wanted, is_there, will):
    order = order_rows.OrderFactory()
    if is_there:
        order_rows.ExportFactory(order=order, remote_id="R1")
    wish(wanted)

    assert forecast.of_order(order, now=now()).will is will


def test_an_order_that_cannot_be_planned_is_refused_with_its_reason(wish):
    order = order_rows.OrderFactory()
    wish(Wish.SHIP)

    found = forecast.of_order(order, now=now())

    assert found.will is Will.REFUSED
    assert found.problems
    assert found.problems[0].reason in found.words


@pytest.mark.parametrize(
    ("planned", "will"),
    [
        (Will.UPDATE, Will.REFUSED),
        (Will.NOTHING, Will.NOTHING),
        (Will.REFUSED, Will.NOTHING),
    ],
)
def test_an_order_that_is_over_there_takes_no_change(wish, monkeypatch, planned, will):
    monkeypatch.setattr(
        forecast, "_planned", lambda *_: forecast.Forecast(planned, "whatever")
    )
    order = order_rows.OrderFactory()
    order_rows.ExportFactory(order=order, remote_id="R1", closed_at=now())
    wish(Wish.SHIP)

    assert forecast.of_order(order, now=now()).will is will


def test_looking_changes_nothing(wish):
    order = order_rows.OrderFactory()
    wish(Wish.SHIP)

    forecast.of_order(order, now=now())

    assert not Export.objects.exists()

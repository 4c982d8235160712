"""Mirroring an order: what was read is stored, what people chose is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders import mirroring, stamps
from orders.models import Order
from orders.records import MISSING, LineRecord, OrderRecord, OrderStage, SourceStamp
from tests.factories.accounts import AccountFactory

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
RECORD = OrderRecord(
    salesforce_id="801A",
    order_number="100",
    stage=OrderStage.ACTIVATED,
    status="Activated",
    modified_at=NOON,
    lines=(),
)


def mirror(
    record: OrderRecord, account: Any, read_at: datetime | None = None
) -> mirroring.Mirrored:
    mirrored = mirroring.upsert_order(
        record=record,
        organization=account.organization,
        account=account,
        brand=None,
        now=NOON,
        read_at=read_at,
    )
    mirroring.note_read([mirrored])
    return mirrored


def test_what_a_person_chose_while_it_was_mirrored_stays(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = AccountFactory.create()
    mirror(RECORD, account)
    show = mirroring._show

    def while_a_person_decides(*args: Any) -> None:
        Order.objects.update(handled_outside=True, include_anyway=True, state="on_hold")
        show(*args)

    monkeypatch.setattr(mirroring, "_show", while_a_person_decides)
    mirrored = mirror(replace(RECORD, po_number="PO-7"), account)

    stored = Order.objects.get()
    assert (stored.handled_outside, stored.include_anyway) == (True, True)
    assert stored.state == "on_hold"
    assert stored.po_number == "PO-7"
    assert mirrored.order.handled_outside


# -- what of a listing is news ---------------------------------------------------


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


LATER = NOON + seconds(60)
TWO_LINES = replace(
    RECORD,
    lines=tuple(LineRecord(one, "", "MUG", Decimal(1)) for one in ("802A", "802B")),
    line_stamps=(("802A", NOON), ("802B", NOON + seconds(30))),
)


@pytest.mark.parametrize(
    ("moved_at", "read_at", "is_news"),
    [
        (NOON, LATER, False),
        (NOON, NOON + seconds(5), False),
        (NOON, NOON + seconds(4), True),  # it may have moved again within its second
        (NOON, None, True),
        (NOON + seconds(1), LATER, True),
        (NOON - seconds(1), NOON, False),  # read since
    ],
)
def test_an_order_is_read_again_unless_its_stamp_was_read(
    db: None, moved_at: datetime, read_at: datetime | None, *, is_news: bool
) -> None:
    account = AccountFactory.create()
    mirror(RECORD, account, read_at)
    stamp = SourceStamp("801A", "801A", moved_at)

    news = stamps.moved([stamp], account.organization)

    assert news == (["801A"] if is_news else [])


def test_orders_are_named_once_and_in_the_order_of_their_stamps(db: None) -> None:
    account = AccountFactory.create()
    names = ["801C", "801B", "801C", "801D"]
    listed = [SourceStamp(one, one, NOON) for one in names]

    assert stamps.moved(listed, account.organization) == ["801C", "801B", "801D"]
    assert stamps.moved_lines(listed, account.organization) == [*names[:2], "801D"]


@pytest.mark.parametrize(
    ("line", "moved_at", "is_deleted", "is_news"),
    [
        ("802A", NOON, False, False),
        ("802A", NOON + seconds(20), False, True),  # older than a line that was read
        ("802B", NOON + seconds(30), False, False),
        ("802C", NOON, False, True),
        ("802A", NOON + seconds(90), True, True),
        ("802C", NOON + seconds(90), True, False),
    ],
)
def test_an_order_is_read_again_for_a_line_whose_own_stamp_was_not_read(
    db: None, line: str, moved_at: datetime, *, is_deleted: bool, is_news: bool
) -> None:
    account = AccountFactory.create()
    mirror(TWO_LINES, account, LATER)
    stamp = SourceStamp(line, "801A", moved_at, is_deleted)

    news = stamps.moved_lines([stamp], account.organization)

    assert news == (["801A"] if is_news else [])


def test_a_reading_without_all_lines_proves_nothing(db: None) -> None:
    account = AccountFactory.create()
    cut = replace(TWO_LINES, lines=MISSING, line_stamps=MISSING)
    mirror(cut, account, LATER)
    stamp = SourceStamp("801A", "801A", NOON)

    assert stamps.moved([stamp], account.organization) == ["801A"]

    mirror(TWO_LINES, account, LATER)

    assert stamps.moved([stamp], account.organization) == []


def test_a_line_whose_stamp_alone_moved_changes_nothing_but_is_known(
    db: None,
) -> None:
    account = AccountFactory.create()
    mirror(TWO_LINES, account, LATER)
    touched = replace(
        TWO_LINES, line_stamps=(("802A", LATER), ("802B", NOON + seconds(30)))
    )

    mirrored = mirror(touched, account, LATER + seconds(60))

    assert not mirrored.changed
    assert Order.objects.get().version == 1
    stamp = SourceStamp("802A", "801A", LATER)
    assert stamps.moved_lines([stamp], account.organization) == []


def test_what_was_read_before_the_mapping_changed_proves_nothing(db: None) -> None:
    account = AccountFactory.create()
    mirror(TWO_LINES, account, LATER)
    order = SourceStamp("801A", "801A", NOON)
    line = SourceStamp("802A", "801A", NOON)

    for changed_at, news in ((LATER, []), (LATER + seconds(1), ["801A"])):
        organization = account.organization
        assert stamps.moved([order], organization, trusted_from=changed_at) == news
        assert stamps.moved_lines([line], organization, trusted_from=changed_at) == news


def test_a_deleted_line_is_news_where_no_lines_were_read(db: None) -> None:
    account = AccountFactory.create()
    mirror(replace(TWO_LINES, line_stamps=MISSING), account)
    gone = SourceStamp("802A", "801A", NOON, is_deleted=True)

    assert stamps.moved_lines([gone], account.organization) == ["801A"]

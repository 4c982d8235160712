"""The buttons of orders, their exports, exceptions and proposals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from connectors.models import FailedPayload, SyncJob
from inventory.models import Warehouse
from orders.floor import OrderException
from orders.models import Export, Order
from orders.proposals import Proposal
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows
from tests.integration.console.button_case import OPERATORS, Case


def parked_order() -> Order:
    order = order_rows.OrderFactory()
    job = rows.SyncJobFactory(account=order.account, order=order, state="parked")
    rows.FailedPayloadFactory(job=job)
    return order


def excluded_order() -> Order:
    return order_rows.OrderFactory(
        is_eligible=False, eligibility_reason="Excluded: before go-live."
    )


def rang(row: Any) -> bool:
    order = row if isinstance(row, Order) else row.order
    return SyncJob.objects.filter(order=order, trigger="person").exists()


def routable() -> Order:
    order = order_rows.OrderFactory()
    Warehouse.objects.create(account=order.account, remote_id="W2", name="West")
    return order


def routed_by_hand() -> Order:
    order = routable()
    order_rows.OverrideFactory(order=order, field="warehouse", value="W2")
    return order


def chosen(row: Order) -> bool:
    return row.overrides.filter(field="warehouse", ended_at=None).exists()


def short() -> OrderException:
    """Two mugs short, and West has some."""
    row = order_rows.OrderExceptionFactory(export__order__state="backordered")
    order_rows.ExportLineFactory(export=row.export, sku="MUG", quantity=2)
    Warehouse.objects.create(account=row.account, remote_id="W2", name="West")
    return row


def closed_there() -> OrderException:
    row = order_rows.OrderExceptionFactory(
        kind="closed_unshipped", export__order__state="closed"
    )
    Export.objects.filter(pk=row.export_id).update(facts={"status": "fulfilled"})
    return row


def cleared() -> OrderException:
    return order_rows.OrderExceptionFactory(closed_at=now())


def decided(deed: str) -> Callable[[Any], bool]:
    def did(row: OrderException) -> bool:
        return SyncJob.objects.filter(
            kind="change_floor", subject__startswith=f"{row.export_id}:{deed}:"
        ).exists()

    return did


def two_accounts() -> Order:
    order = order_rows.OrderFactory()
    accounts.AccountFactory(name="The other", organization=order.organization)
    return order


def proposed(**values: Any) -> Proposal:
    return order_rows.ProposalFactory(**values)


ORDER_BUTTONS = [
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
        "orders.Order",
        "ship-from",
        OPERATORS,
        routable,
        chosen,
        "override_warehouse",
        unfit=lambda: order_rows.OrderFactory(state="shipped"),
        data={"warehouse": "West", "why": "They asked for it."},
    ),
    Case(
        "orders.Order",
        "ship-by-rule",
        OPERATORS,
        routed_by_hand,
        lambda row: not chosen(row),
        "end_override",
        unfit=order_rows.OrderFactory,
    ),
    Case(
        "orders.Order",
        "override",
        OPERATORS,
        order_rows.OrderFactory,
        lambda row: row.overrides.filter(ended_at=None).exists(),
        "override_field",
        unfit=lambda: order_rows.OrderFactory(state="shipped"),
        data={"field": "packing_note", "value": "Fragile", "why": "She called."},
    ),
    Case(
        "orders.Order",
        "end-override",
        OPERATORS,
        lambda: order_rows.OverrideFactory(field="packing_note").order,
        lambda row: not row.overrides.filter(ended_at=None).exists(),
        "end_override",
        unfit=order_rows.OrderFactory,
        data={"field": "packing_note"},
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
        "orders.Order",
        "never-export",
        OPERATORS,
        order_rows.OrderFactory,
        lambda row: Order.objects.get(pk=row.pk).never_export,
        "never_export",
        unfit=lambda: order_rows.OrderFactory(never_export=True),
        data={"why": "A sample."},
    ),
    Case(
        "orders.Order",
        "export-again",
        OPERATORS,
        lambda: order_rows.OrderFactory(never_export=True),
        lambda row: not Order.objects.get(pk=row.pk).never_export,
        "export_again",
        unfit=order_rows.OrderFactory,
    ),
    Case(
        "orders.Order",
        "re-export",
        OPERATORS,
        lambda: (
            order_rows.ExportFactory(
                remote_id="R1",
                canceled_at=now(),
                order__is_eligible=True,
                order__include_anyway=True,
            ).order
        ),
        lambda row: row.exports.filter(generation=2).exists(),
        "re_export",
        unfit=lambda: order_rows.ExportFactory(remote_id="R1").order,
        data={"why": "The parcel was lost."},
    ),
    Case(
        "orders.Order",
        "move",
        OPERATORS,
        two_accounts,
        lambda row: Order.objects.get(pk=row.pk).account.name == "The other",
        "move_order",
        unfit=order_rows.OrderFactory,
        data={"why": "Sold there.", "account": "the other"},
    ),
    Case(
        "orders.Order",
        "accept-cancel",
        OPERATORS,
        lambda: proposed().export.order,
        lambda row: bool(Order.objects.get(pk=row.pk).cancel_wanted),
        "accept_proposal",
        unfit=order_rows.OrderFactory,
    ),
    Case(
        "orders.Order",
        "refuse-cancel",
        OPERATORS,
        lambda: proposed().export.order,
        lambda row: Proposal.objects.get().decision == "refused",
        "refuse_proposal",
        unfit=order_rows.OrderFactory,
        data={"why": "It comes back."},
    ),
    Case(
        "orders.Proposal",
        "accept",
        OPERATORS,
        proposed,
        lambda row: Proposal.objects.get(pk=row.pk).decision == "accepted",
        "accept_proposal",
        unfit=lambda: proposed(decided_at=now()),
    ),
    Case(
        "orders.Proposal",
        "refuse",
        OPERATORS,
        proposed,
        lambda row: Proposal.objects.get(pk=row.pk).decision == "refused",
        "refuse_proposal",
        unfit=lambda: proposed(decided_at=now()),
        data={"why": "It comes back."},
    ),
    Case(
        "orders.Export",
        "release-now",
        OPERATORS,
        lambda: order_rows.ExportFactory(window_until=now() + timedelta(hours=1)),
        lambda row: Export.objects.filter(pk=row.pk, window_until__lte=now()).exists(),
        "release_now",
        unfit=order_rows.ExportFactory,
    ),
    Case(
        "orders.OrderException",
        "wait",
        OPERATORS,
        order_rows.OrderExceptionFactory,
        lambda row: OrderException.objects.get(pk=row.pk).quiet_until is not None,
        "wait_exception",
        unfit=cleared,
        data={"hours": "24", "why": "Stock comes tomorrow."},
    ),
    Case(
        "orders.OrderException",
        "reroute",
        OPERATORS,
        short,
        decided("reroute"),
        "reroute_order",
        unfit=cleared,
        data={"warehouse": "West", "why": "They have it."},
    ),
    Case(
        "orders.OrderException",
        "split",
        OPERATORS,
        short,
        decided("split"),
        "split_order",
        unfit=closed_there,
        data={"why": "Ship what there is."},
    ),
    Case(
        "orders.OrderException",
        "cut",
        OPERATORS,
        short,
        decided("cut"),
        "cut_order",
        unfit=closed_there,
        data={"sku": "MUG", "why": "It is discontinued."},
    ),
    Case(
        "orders.OrderException",
        "accept",
        OPERATORS,
        closed_there,
        lambda row: Export.objects.get(pk=row.export_id).close_accepted_at is not None,
        "accept_closing",
        unfit=short,
        data={"why": "The customer fetched it."},
    ),
    Case(
        "orders.OrderException",
        "reopen",
        OPERATORS,
        closed_there,
        decided("reopen"),
        "reopen_order",
        unfit=short,
        data={"why": "It was closed by mistake."},
    ),
    Case(
        "orders.OrderException",
        "cancel",
        OPERATORS,
        closed_there,
        decided("cancel"),
        "cancel_order",
        unfit=cleared,
        data={"why": "Nobody wants it."},
    ),
]

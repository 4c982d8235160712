"""The actions on orders, their exports, exceptions, proposals and requests."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from connectors.accounts.models import Account, AccountAccess
from connectors.sync import (
    actions,
    decisions,
    overrides,
    placements,
    requests,
    routing_actions,
    whereabouts,
)
from inventory.models import Warehouse
from orders.models import Export, Order, Override
from orders.proposals import Proposal
from tests.factories.orders import ExportLineFactory, OverrideFactory
from tests.integration.api.action import OPERATORS, Action
from tests.integration.api.conftest import Records

WHY = {"why": "Because."}


def close_there(records: Records) -> None:
    """The warehouse has closed the order; West could ship its mugs."""
    Export.objects.filter(pk=records.export.pk).update(
        remote_id=f"R{records.export.pk}"
    )
    Order.objects.filter(pk=records.order.pk).update(state="closed")
    ExportLineFactory(export=records.export, sku="MUG", quantity=2)
    Warehouse.objects.create(account=records.account, remote_id="W2", name="West")


def proposed(records: Records) -> None:
    Proposal.objects.create(
        pk=records.export.pk,
        export=records.export,
        kind="cancel",
        reason="Deleted.",
        opened_at=timezone.now(),
    )


def ended(records: Records) -> None:
    Order.objects.filter(pk=records.order.pk).update(include_anyway=True)
    Export.objects.filter(pk=records.export.pk).update(
        remote_id="R", canceled_at=timezone.now()
    )


def elsewhere(records: Records) -> int:
    account, _ = Account.objects.get_or_create(
        name=f"Other than {records.account.pk}",
        defaults={
            "organization": records.account.organization,
            "credential": records.account.credential,
            "key_prefix": "OTH",
        },
    )
    for access in AccountAccess.objects.all():
        AccountAccess.objects.get_or_create(user=access.user, account=account)
    return account.pk


ORDER_ACTIONS = [
    Action(
        service=actions.sync_now,
        path="/api/v1/orders/{}/sync/",
        subject="order",
        allowed=OPERATORS,
        audited="sync_order",
        again=200,
    ),
    Action(
        service=actions.set_handled_outside,
        path="/api/v1/orders/{}/handled-outside/",
        subject="order",
        allowed=OPERATORS,
        audited="handle_outside",
        body=lambda _records: {"outside": True, "why": "Picked up at the dock."},
        again=200,
    ),
    Action(
        service=actions.include_anyway,
        path="/api/v1/orders/{}/include/",
        subject="order",
        allowed=OPERATORS,
        audited="include_order",
    ),
    Action(
        service=actions.link_export,
        path="/api/v1/orders/{}/link/",
        subject="order",
        allowed=OPERATORS,
        audited="link_order",
        body=lambda _records: {"remote_id": "12345"},
        again=200,
    ),
    Action(
        service=actions.approve_export,
        path="/api/v1/exports/{}/approve/",
        subject="export",
        allowed=OPERATORS,
        audited="approve_export",
    ),
    Action(
        service=actions.release_now,
        path="/api/v1/exports/{}/release-now/",
        subject="export",
        allowed=OPERATORS,
        audited="release_now",
        prepare=lambda records: Export.objects.filter(pk=records.export.pk).update(
            window_until=timezone.now() + timedelta(hours=1)
        ),
    ),
    Action(
        service=overrides.set_override,
        path="/api/v1/orders/{}/override/",
        subject="order",
        allowed=OPERATORS,
        audited="override_field",
        body=lambda _records: {
            "field": "packing_note",
            "value": "Fragile",
            "why": "She called.",
        },
        again=200,
    ),
    Action(
        service=overrides.end_override,
        path="/api/v1/orders/{}/end-override/",
        subject="order",
        allowed=OPERATORS,
        audited="end_override",
        prepare=lambda records: OverrideFactory(
            order=records.order, field="packing_note"
        ),
        body=lambda _records: {"field": "packing_note"},
    ),
    *(
        Action(
            service=service,
            path=f"/api/v1/exceptions/{{}}/{name}/",
            subject="exception",
            allowed=OPERATORS,
            audited=audited,
            prepare=close_there,
            body=lambda _records, more=more: {"why": "So it is.", **more},
            again=200,
        )
        for service, name, audited, more in (
            (decisions.wait, "wait", "wait_exception", {"hours": 4}),
            (decisions.reroute, "reroute", "reroute_order", {"warehouse": "West"}),
            (decisions.split, "split", "split_order", {}),
            (decisions.cut_line, "cancel-line", "cut_order", {"sku": "MUG"}),
            (decisions.accept_closing, "accept", "accept_closing", {}),
            (decisions.reopen, "reopen", "reopen_order", {}),
            (decisions.cancel, "cancel", "cancel_order", {}),
        )
    ),
    Action(
        service=whereabouts.read_order,
        path="/api/v1/orders/read/",
        subject="account",
        allowed=OPERATORS,
        audited="read_source",
        body=lambda records: {
            "organization": records.account.organization_id,
            "salesforce_id": "801000000000001AAA",
        },
        again=200,
    ),
    Action(
        service=placements.never_export,
        path="/api/v1/orders/{}/never-export/",
        subject="order",
        allowed=OPERATORS,
        audited="never_export",
        body=lambda _records: WHY,
    ),
    Action(
        service=placements.export_again,
        path="/api/v1/orders/{}/export-again/",
        subject="order",
        allowed=OPERATORS,
        audited="export_again",
        prepare=lambda records: Order.objects.filter(pk=records.order.pk).update(
            never_export=True
        ),
    ),
    Action(
        service=placements.re_export,
        path="/api/v1/orders/{}/re-export/",
        subject="order",
        allowed=OPERATORS,
        audited="re_export",
        body=lambda _records: WHY,
        prepare=ended,
    ),
    Action(
        service=placements.move_order,
        path="/api/v1/orders/{}/move/",
        subject="order",
        allowed=OPERATORS,
        audited="move_order",
        body=lambda records: {**WHY, "account": elsewhere(records)},
    ),
    Action(
        service=placements.accept_proposal,
        path="/api/v1/proposals/{}/accept/",
        subject="export",
        allowed=OPERATORS,
        audited="accept_proposal",
        prepare=proposed,
    ),
    Action(
        service=placements.refuse_proposal,
        path="/api/v1/proposals/{}/refuse/",
        subject="export",
        allowed=OPERATORS,
        audited="refuse_proposal",
        body=lambda _records: WHY,
        prepare=proposed,
    ),
    Action(
        service=requests.tell_again,
        path="/api/v1/requests/{}/tell-again/",
        subject="request",
        allowed=OPERATORS,
        audited="tell_request_again",
        again=200,
    ),
    Action(
        service=routing_actions.override_warehouse,
        path="/api/v1/orders/{}/ship-from/",
        subject="order",
        allowed=OPERATORS,
        audited="override_warehouse",
        body=lambda _records: {"warehouse": "Nevada", **WHY},
        prepare=lambda records: Warehouse.objects.get_or_create(
            account=records.account, remote_id="nv", name="Nevada"
        ),
        again=200,
    ),
    Action(
        service=routing_actions.end_override,
        path="/api/v1/orders/{}/ship-by-rule/",
        subject="order",
        allowed=OPERATORS,
        audited="end_override",
        prepare=lambda records: Override.objects.get_or_create(
            order=records.order,
            field="warehouse",
            ended_at=None,
            defaults={"value": "nv", "why": "So.", "created_at": timezone.now()},
        ),
    ),
]

"""Binding an order to a warehouse order that a person made or found."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from connectors.errors import RejectedError, System
from connectors.models import SyncJob
from connectors.shiphero.client import ShipHeroClient
from connectors.shiphero.values import global_id
from connectors.sync import unmatched
from connectors.sync.edits import read_one
from connectors.sync.exports import hold
from connectors.sync.phases import commit
from connectors.sync.read_warehouse import report
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.run import Run
from orders import facts, linking, services
from orders.models import Export, Order
from orders.records import RemoteOrder


def link_orders(run: Run, jobs: Sequence[SyncJob]) -> None:
    for job in jobs:
        _link(run, job)


def _link(run: Run, job: SyncJob) -> None:
    order_id, _, name = job.subject.partition(":")
    order = Order.objects.select_related("account").get(pk=order_id)
    account = order.account
    assert account is not None  # noqa: S101 - the action insisted on one
    remote = _look_up(run.clients.shiphero(account), name)
    with commit("open_export"):
        export = services.open_export(order=order, account=account, now=run.now())
    _insist_on_ours(export, remote)
    _insist_on_whole_lines(order, remote)
    with hold(export, job, run) as held, commit("linked"):
        held.put(
            where=Q(remote_id=""),
            remote_id=remote.remote_id,
            remote_legacy_id=remote.legacy_id,
            remote_number=remote.order_number[:80],
            linked_by_person=True,
            intent_at=None,
            acknowledged=facts.acknowledged_picture(remote),
            acknowledged_at=run.now(),
            sent=None,
            sent_hash="",
        )
        linking.adopt_line_keys(export=export, remote=remote)
        facts.record_remote_order(
            export=export, remote=remote, seen_by="reading", now=run.now()
        )
        unmatched.ring_for(export, now=run.now())
    report(run, export)
    run.did(job, f"Linked to {remote.order_number}", export=export)


def _look_up(client: ShipHeroClient, name: str) -> RemoteOrder:
    """By the number that people see; then by ShipHero's number or id of its own.

    Raises RejectedError where several orders carry the number, or none is known.
    """
    alike = [one for one in client.find_by_number(name) if not one.is_canceled]
    if len(alike) > 1:
        raise RejectedError(
            f"{len(alike)} orders in ShipHero have the number {name}. Give the id of the "
            "one that is meant.",
            system=System.SHIPHERO,
            code="export.number_ambiguous",
        )
    if alike:
        return read_one(client, alike[0].remote_id)
    return read_one(client, global_id("Order", int(name)) if name.isdecimal() else name)


def _insist_on_ours(export: Export, remote: RemoteOrder) -> None:
    taken = Export.objects.filter(
        account=export.account_id, remote_id=remote.remote_id
    ).exclude(pk=export.pk)
    if remote.is_canceled or export.remote_id or taken.exists():
        raise RejectedError(
            f"ShipHero order {remote.order_number} is canceled or belongs to another "
            "order.",
            system=System.SHIPHERO,
            code="export.not_ours",
        )


def _insist_on_whole_lines(order: Order, remote: RemoteOrder) -> None:
    split = linking.split_skus(order=order, remote=remote)
    if split:
        raise RejectedError(
            f"ShipHero order {remote.order_number} has more lines of "
            f"{', '.join(split)} than the order in Salesforce.",
            system=System.SHIPHERO,
            code="export.lines_split",
        )


register(
    JobKind(
        name="link_order",
        title="Link an order to a ShipHero order",
        lane=Lane.EDIT,
        handler=link_orders,
        uses=frozenset({System.SHIPHERO}),
        priority=30,
    )
)

"""Who may do what, in which state, and that the audit knows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from connectors.accounts.models import Audit, CredentialState
from connectors.models import Closing, JobState, SyncJob
from connectors.sync import account_actions, actions
from connectors.sync.actions import ActionRefusedError
from orders.models import Export, Order
from tests.conftest import Clock
from tests.factories.accounts import (
    AccountAccessFactory,
    AccountFactory,
    UserFactory,
)
from tests.factories.connectors import FailedPayloadFactory, SyncJobFactory
from tests.factories.orders import ExportFactory, OrderFactory

PICTURE = {
    "salesforce_id": "801",
    "order_number": "1",
    "stage": "activated",
    "status": "Activated",
    "modified_at": "2026-01-05T09:00:00+00:00",
}
Act = Callable[["Scene", Any], Any]


class Scene:
    """One order of an account with a parked job, ready for any action."""

    def __init__(self, clock: Clock) -> None:
        self.now = clock()
        self.account = AccountFactory.create()
        self.order = OrderFactory.create(account=self.account, picture=PICTURE)
        self.job = SyncJobFactory.create(
            key=f"push_order:a{self.account.pk}:{self.order.pk}",
            account=self.account,
            order=self.order,
            subject=str(self.order.pk),
            state=JobState.PARKED,
        )
        self.failure = FailedPayloadFactory.create(job=self.job)


@pytest.fixture
def scene(db: None, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr("connectors.queue.bells", lambda lanes: None)
    return Scene(clock)


def approve(scene: Scene, user: Any) -> None:
    export = Export.objects.filter(order=scene.order).first()
    export = export or ExportFactory.create(order=scene.order)
    actions.approve_export(export=export, user=user, now=scene.now)


def resume(scene: Scene, user: Any) -> None:
    type(scene.account).objects.filter(pk=scene.account.pk).update(paused=True)
    account_actions.resume_account(account=scene.account, user=user, now=scene.now)


OPERATOR = {"operator", "lead", "integrator"}
LEAD = {"lead", "integrator"}
ACTIONS: dict[str, tuple[Act, set[str], str]] = {
    "retry": (
        lambda s, u: actions.retry(failures=[s.failure], user=u, now=s.now),
        OPERATOR,
        "retry_failure",
    ),
    "retry job": (
        lambda s, u: actions.retry_job(job=s.job, user=u, now=s.now),
        OPERATOR,
        "retry_job",
    ),
    "dismiss": (
        lambda s, u: actions.dismiss(failure=s.failure, why="ok", user=u, now=s.now),
        OPERATOR,
        "dismiss_failure",
    ),
    "sync now": (
        lambda s, u: actions.sync_now(order=s.order, user=u, now=s.now),
        OPERATOR,
        "sync_order",
    ),
    "handled outside": (
        lambda s, u: actions.set_handled_outside(
            order=s.order, outside=True, why="DHL", user=u, now=s.now
        ),
        OPERATOR,
        "handle_outside",
    ),
    "include anyway": (
        lambda s, u: actions.include_anyway(order=s.order, user=u, now=s.now),
        OPERATOR,
        "include_order",
    ),
    "link": (
        lambda s, u: actions.link_export(
            order=s.order, remote_id="7", user=u, now=s.now
        ),
        OPERATOR,
        "link_order",
    ),
    "approve": (approve, OPERATOR, "approve_export"),
    "pause": (
        lambda s, u: account_actions.pause_account(
            account=s.account, why="Stock", user=u, now=s.now
        ),
        LEAD,
        "pause_account",
    ),
    "resume": (resume, LEAD, "resume_account"),
    "resume login": (
        lambda s, u: account_actions.resume_credential(
            credential=s.account.credential, user=u, now=s.now
        ),
        LEAD,
        "resume_credential",
    ),
}
ROLES = ["viewer", "auditor", "operator", "lead", "integrator", None]


@pytest.mark.parametrize("role", ROLES, ids=str)
@pytest.mark.parametrize("name", ACTIONS)
def test_who_may(scene: Scene, name: str, role: str | None) -> None:
    act, allowed, audited = ACTIONS[name]
    user = UserFactory.create(role=role)

    if role in allowed:
        act(scene, user)
        entry = Audit.objects.get(action=audited)
        assert (entry.actor, entry.at) == (user, scene.now)
    else:
        with pytest.raises(PermissionDenied):
            act(scene, user)
        assert not Audit.objects.exists()
        scene.job.refresh_from_db()
        assert scene.job.state == JobState.PARKED


@pytest.mark.parametrize("name", sorted(set(ACTIONS) - {"resume login"}))
def test_nobody_may_in_an_account_that_is_not_his(scene: Scene, name: str) -> None:
    user = AccountAccessFactory.create(user=UserFactory.create(role="lead")).user

    with pytest.raises(PermissionDenied):
        ACTIONS[name][0](scene, user)


@pytest.fixture
def lead(db: None) -> Any:
    return UserFactory.create(role="lead")


REFUSED: dict[str, tuple[Callable[[Scene], Any], Act, str]] = {
    "dismiss without a why": (
        lambda s: None,
        lambda s, u: actions.dismiss(failure=s.failure, why=" ", user=u, now=s.now),
        "Say why",
    ),
    "dismiss twice": (
        lambda s: type(s.failure).objects.update(closed_at=s.now),
        ACTIONS["dismiss"][0],
        "closed already",
    ),
    "pause without a why": (
        lambda s: None,
        lambda s, u: account_actions.pause_account(
            account=s.account, why="", user=u, now=s.now
        ),
        "Say why",
    ),
    "pause twice": (
        lambda s: type(s.account).objects.update(paused=True),
        ACTIONS["pause"][0],
        "paused already",
    ),
    "resume what is not paused": (
        lambda s: None,
        lambda s, u: account_actions.resume_account(
            account=s.account, user=u, now=s.now
        ),
        "not paused",
    ),
    "retry a running job": (
        lambda s: setattr(s.job, "state", JobState.RUNNING),
        ACTIONS["retry job"][0],
        "running now",
    ),
    "include twice": (
        lambda s: setattr(s.order, "include_anyway", True),
        ACTIONS["include anyway"][0],
        "included already",
    ),
    "outside without a name": (
        lambda s: None,
        lambda s, u: actions.set_handled_outside(
            order=s.order, outside=True, why="", user=u, now=s.now
        ),
        "Say who ships",
    ),
    "outside while a warehouse order lives": (
        lambda s: ExportFactory.create(order=s.order, remote_id="x"),
        ACTIONS["handled outside"][0],
        "warehouse order exists",
    ),
    "outside while a create may have been applied": (
        lambda s: ExportFactory.create(order=s.order, intent_at=s.now),
        ACTIONS["handled outside"][0],
        "not known yet",
    ),
    "outside while a worker is at it": (
        lambda s: ExportFactory.create(
            order=s.order, lease_until=s.now + timedelta(minutes=1)
        ),
        ACTIONS["handled outside"][0],
        "not known yet",
    ),
    "link without a number": (
        lambda s: None,
        lambda s, u: actions.link_export(
            order=s.order, remote_id=" ", user=u, now=s.now
        ),
        "id or number",
    ),
    "link what has one": (
        lambda s: ExportFactory.create(order=s.order, remote_id="x"),
        ACTIONS["link"][0],
        "already",
    ),
    "approve twice": (
        lambda s: ExportFactory.create(order=s.order, approved_at=s.now),
        ACTIONS["approve"][0],
        "approved already",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_words_and_nothing_audited(
    scene: Scene, lead: Any, name: str
) -> None:
    prepare, act, words = REFUSED[name]
    prepare(scene)

    with pytest.raises(ActionRefusedError, match=words):
        act(scene, lead)

    assert not Audit.objects.exists()


def test_retry_opens_the_job_at_once_in_the_persons_name(
    scene: Scene, lead: Any
) -> None:
    assert actions.retry(failures=[scene.failure], user=lead, now=scene.now) == 1

    scene.job.refresh_from_db()
    scene.failure.refresh_from_db()
    assert (scene.job.state, scene.job.not_before) == ("waiting", scene.now)
    assert (scene.job.actor, scene.job.trigger) == (lead, "person")
    assert (scene.failure.closed_how, scene.failure.closed_by) == (
        Closing.RETRIED,
        lead,
    )


def test_retry_of_what_is_closed_does_nothing(scene: Scene, lead: Any) -> None:
    scene.failure.closed_at = scene.now
    scene.failure.save()

    assert actions.retry(failures=[scene.failure], user=lead, now=scene.now) == 0
    assert SyncJob.objects.get().state == JobState.PARKED


def test_dismiss_leaves_the_job_at_rest(scene: Scene, lead: Any) -> None:
    actions.dismiss(failure=scene.failure, why="By hand", user=lead, now=scene.now)

    scene.failure.refresh_from_db()
    assert scene.failure.closed_how == Closing.DISMISSED
    assert scene.failure.closing_note == "By hand"
    scene.job.refresh_from_db()
    assert scene.job.state == JobState.PARKED


def test_what_is_dismissed_is_no_longer_shown(scene: Scene, lead: Any) -> None:
    Order.objects.update(state="failed", state_reason=scene.failure.reason)
    scene.failure.order = scene.order
    scene.failure.save()

    actions.dismiss(failure=scene.failure, why="By hand", user=lead, now=scene.now)

    assert Order.objects.get().state == "waiting"
    assert SyncJob.objects.filter(kind="push_fulfillment", order=scene.order).exists()


def test_the_first_resume_is_the_go_live_and_later_ones_are_not(
    scene: Scene, lead: Any, clock: Clock
) -> None:
    resume(scene, lead)
    scene.account.refresh_from_db()
    first = scene.account.export_from
    scene.now = clock.advance(days=1)

    resume(scene, lead)

    scene.account.refresh_from_db()
    assert scene.account.export_from == first != scene.now


def test_a_resumed_login_is_used_again(scene: Scene, lead: Any) -> None:
    credential = scene.account.credential
    type(credential).objects.update(
        state=CredentialState.REFUSED, breaker_state="open", refused_reason="no"
    )

    account_actions.resume_credential(credential=credential, user=lead, now=scene.now)

    credential.refresh_from_db()
    assert (credential.state, credential.breaker_state) == ("ok", "closed")


def test_handled_outside_can_be_taken_back(scene: Scene, lead: Any) -> None:
    for outside in (True, False):
        actions.set_handled_outside(
            order=scene.order, outside=outside, why="DHL", user=lead, now=scene.now
        )
        assert Order.objects.get().handled_outside is outside


def test_a_waiting_cancel_says_that_the_pause_stops_it_too(
    scene: Scene, lead: Any
) -> None:
    cancel = SyncJobFactory.create(
        kind="cancel_order", account=scene.account, subject=str(scene.order.pk)
    )
    type(scene.account).objects.update(paused=False)

    account_actions.pause_account(
        account=scene.account, why="Strike", user=lead, now=scene.now
    )

    cancel.refresh_from_db()
    assert "cancels too" in cancel.note
    account_actions.resume_account(account=scene.account, user=lead, now=scene.now)
    cancel.refresh_from_db()
    assert cancel.note == ""

"""Who may do what through the API, and how each refusal reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from connectors.accounts.models import Account, Audit, Credential
from connectors.models import FailedPayload, SyncJob
from connectors.sync import actions
from orders.models import Export, Order
from tests.integration.api.conftest import Records, client_of, make_records, post

pytestmark = pytest.mark.django_db

OPERATORS = {"operator", "lead", "integrator"}
LEADS = {"lead", "integrator"}
ROLES = ("viewer", "operator", "lead", "integrator", "auditor", "nobody", "anonymous")


@dataclass(frozen=True)
class Action:
    """An endpoint: what it calls, who may, and how a record must stand for it.

    `path` is filled in with the key of the record's `subject`.
    """

    service: Callable[..., Any]
    path: str
    subject: str
    allowed: set[str]
    audited: str
    body: Callable[[Records], dict[str, Any]] = lambda _records: {}
    prepare: Callable[[Records], object] = lambda _records: None
    again: int = 409
    name: str = field(default="")

    def address(self, records: Records) -> str:
        return self.path.format(getattr(records, self.subject).pk)


ACTIONS = [
    Action(
        service=actions.retry,
        path="/api/v1/failures/{}/retry/",
        subject="failure",
        allowed=OPERATORS,
        audited="retry_failure",
        again=200,
    ),
    Action(
        service=actions.retry,
        path="/api/v1/failures/retry/",
        subject="failure",
        allowed=OPERATORS,
        audited="retry_failure",
        body=lambda records: {"ids": [records.failure.pk]},
        again=200,
    ),
    Action(
        service=actions.dismiss,
        path="/api/v1/failures/{}/dismiss/",
        subject="failure",
        allowed=OPERATORS,
        audited="dismiss_failure",
        body=lambda _records: {"why": "Shipped by hand."},
    ),
    Action(
        service=actions.retry_job,
        path="/api/v1/jobs/{}/retry/",
        subject="job",
        allowed=OPERATORS,
        audited="retry_job",
        again=200,
    ),
    Action(
        service=actions.pause_account,
        path="/api/v1/accounts/{}/pause/",
        subject="account",
        allowed=LEADS,
        audited="pause_account",
        body=lambda _records: {"why": "Stock take."},
    ),
    Action(
        service=actions.resume_account,
        path="/api/v1/accounts/{}/resume/",
        subject="account",
        allowed=LEADS,
        audited="resume_account",
        prepare=lambda records: Account.objects.filter(pk=records.account.pk).update(
            paused=True
        ),
    ),
    Action(
        service=actions.resume_credential,
        path="/api/v1/credentials/{}/resume/",
        subject="credential",
        allowed=LEADS,
        audited="resume_credential",
        prepare=lambda records: Credential.objects.filter(
            pk=records.credential.pk
        ).update(state="refused"),
        again=200,
    ),
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
]
every_action = pytest.mark.parametrize(
    "action", ACTIONS, ids=[action.path for action in ACTIONS]
)


class TestTable:
    def test_names_every_post_of_the_api(self):
        listed = {action.path.replace("{}", "<pk>") for action in ACTIONS}

        assert set(posts_of_the_api()) == listed

    def test_names_every_action_a_person_may_take(self):
        people_may = {
            found
            for _name, found in inspect.getmembers(actions, inspect.isfunction)
            if found.__module__ == actions.__name__
            and not found.__name__.startswith("_")
            and "user" in inspect.signature(found).parameters
        }

        assert people_may == {action.service for action in ACTIONS}


@every_action
class TestAction:
    @pytest.mark.parametrize("role", ROLES)
    def test_is_for_its_roles_only(self, action, role, records):
        action.prepare(records)

        answer = post(client_of(role), action.address(records), action.body(records))

        done = Audit.objects.filter(action=action.audited).count()
        assert (answer.status_code, done) == (
            (200, 1) if role in action.allowed else (403, 0)
        )
        assert role in action.allowed or answer.json()["detail"]

    def test_is_not_done_by_reading(self, action, records):
        action.prepare(records)
        client = client_of("integrator")

        for method in (
            client.get,
            client.head,
            client.put,
            client.patch,
            client.delete,
        ):
            assert method(action.address(records)).status_code == 405

        assert not Audit.objects.exists()

    def test_needs_the_csrf_token(self, action, records):
        action.prepare(records)
        client = client_of("integrator", enforce_csrf_checks=True)

        answer = post(client, action.address(records), action.body(records))

        assert answer.status_code == 403
        assert "CSRF" in answer.json()["detail"]
        assert not Audit.objects.exists()

    def test_takes_the_csrf_token_from_the_header(self, action, records):
        action.prepare(records)
        client = client_of("integrator", enforce_csrf_checks=True)
        client.cookies["csrftoken"] = "a" * 32

        answer = post(
            client,
            action.address(records),
            action.body(records),
            HTTP_X_CSRFTOKEN="a" * 32,
        )

        assert answer.status_code == 200

    def test_finds_no_record_of_another_account(self, action, records, others):
        action.prepare(others)
        client = client_of("integrator", account=records.account)

        answer = post(client, action.address(others), action.body(others))

        assert answer.status_code == 404
        assert not Audit.objects.exists()

    def test_finds_its_own_account_s_record(self, action, records, others):
        action.prepare(records)
        client = client_of("integrator", account=records.account)

        answer = post(client, action.address(records), action.body(records))

        assert answer.status_code == 200

    def test_says_in_words_when_there_is_nothing_left_to_do(self, action, records):
        action.prepare(records)
        client = client_of("integrator")
        post(client, action.address(records), action.body(records))

        answer = post(client, action.address(records), action.body(records))

        assert answer.status_code == action.again
        assert answer.status_code == 200 or answer.json()["detail"].endswith(".")

    @pytest.mark.parametrize(
        "body",
        [
            b"[]",
            b"{",
            b"\xff",
            b'{"why": "\\u0000"}',
            b'{"why": "\\ud800", "remote_id": "\\ud800", "ids": ["\\ud800"]}',
            b'{"a": ' + b"[" * 50_000,
            b'{"outside": NaN}',
        ],
    )
    def test_meets_a_bad_body_with_a_clear_error(self, action, body, records):
        action.prepare(records)

        answer = client_of("integrator").post(
            action.address(records), body, content_type="application/json"
        )

        assert answer.status_code == 400
        assert answer.json()

    def test_meets_a_huge_body_with_a_clear_error(self, action, records):
        body = {**action.body(records), "pad": "x" * 100_000}

        answer = post(client_of("integrator"), action.address(records), body)

        assert answer.status_code == 413
        assert not Audit.objects.exists()


class TestEffect:
    def test_of_a_retry_is_a_waiting_job_and_a_closed_failure(self, records):
        answer = post(
            client_of("operator"), f"/api/v1/failures/{records.failure.pk}/retry/"
        )

        records.job.refresh_from_db()
        assert (records.job.state, records.job.trigger) == ("waiting", "person")
        assert records.job.not_before <= timezone.now()
        assert answer.json()["closed_how"] == "retried"

    def test_of_many_retries_is_their_number(self, records, others):
        ids = [records.failure.pk, others.failure.pk, others.failure.pk]

        answer = post(client_of("operator"), "/api/v1/failures/retry/", {"ids": ids})

        assert answer.json() == {"retried": 2}

    def test_of_many_retries_is_none_when_one_is_not_ours(self, records, others):
        client = client_of("operator", account=records.account)
        ids = [records.failure.pk, others.failure.pk]

        answer = post(client, "/api/v1/failures/retry/", {"ids": ids})

        assert answer.status_code == 404
        assert FailedPayload.objects.filter(closed_at=None).count() == 2

    @pytest.mark.parametrize(
        "ids", [None, [], [0], [-1], ["x"], [2**70], list(range(1, 502)), "1"]
    )
    def test_of_many_retries_needs_a_list_of_keys(self, ids, records):
        answer = post(client_of("operator"), "/api/v1/failures/retry/", {"ids": ids})

        assert answer.status_code == 400

    def test_of_a_running_job_s_retry_is_a_refusal(self, records):
        SyncJob.objects.update(state="running")

        answer = post(client_of("operator"), f"/api/v1/jobs/{records.job.pk}/retry/")

        assert (answer.status_code, answer.json()) == (
            409,
            {"detail": "This job is running now."},
        )

    def test_of_a_pause_is_the_paused_account(self, records):
        answer = post(
            client_of("lead"),
            f"/api/v1/accounts/{records.account.pk}/pause/",
            {"why": "Stock take."},
        )

        assert answer.json()["paused"] is True
        assert answer.json()["paused_reason"] == "Stock take."

    @pytest.mark.parametrize("why", [None, "", "   ", "x" * 256])
    def test_of_a_pause_needs_a_reason(self, why, records):
        body = {} if why is None else {"why": why}
        path = f"/api/v1/accounts/{records.account.pk}/pause/"

        answer = post(client_of("lead"), path, body)

        assert (answer.status_code, list(answer.json())) == (400, ["why"])

    def test_of_handling_outside_is_refused_once_a_warehouse_order_exists(
        self, records
    ):
        Export.objects.update(remote_id="R-1")

        answer = post(
            client_of("operator"),
            f"/api/v1/orders/{records.order.pk}/handled-outside/",
            {"outside": True, "why": "By hand."},
        )

        assert answer.status_code == 409
        assert not Order.objects.get(pk=records.order.pk).handled_outside

    def test_of_more_than_was_asked_for_is_nothing(self, records):
        """Extra keys change no column."""
        post(
            client_of("lead"),
            f"/api/v1/accounts/{records.account.pk}/pause/",
            {"why": "Stock take.", "name": "Mine", "key_prefix": "X", "credential": 1},
        )

        name, prefix = records.account.name, records.account.key_prefix
        records.account.refresh_from_db()
        assert (records.account.name, records.account.key_prefix) == (name, prefix)


class TestThrottle:
    def test_slows_a_person_down_in_actions(self, records):
        client = client_of("lead")
        path = f"/api/v1/orders/{records.order.pk}/sync/"

        statuses = {post(client, path).status_code for _ in range(121)}

        assert statuses == {200, 429}


def posts_of_the_api() -> Iterator[str]:
    for pattern in patterns_below(get_resolver(), "/"):
        path, found = pattern
        methods = getattr(found.callback, "actions", None) or {}
        if "post" in methods and path.startswith("/api/"):
            yield path
        elif not methods and path.startswith("/api/"):
            view = getattr(found.callback, "cls", None)
            assert view is not None
            assert not hasattr(view, "post"), path


def patterns_below(resolver: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + plain(str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield path, entry
        else:
            yield from patterns_below(entry, path)


def plain(pattern: str) -> str:
    return (
        pattern.removeprefix("^")
        .removesuffix("$")
        .replace("(?P<pk>[0-9]{1,18})", "<pk>")
    )


def test_the_table_can_find_what_is_missing(monkeypatch):
    """The list of posts comes from the addresses, not from the table."""
    assert "/api/v1/orders/<pk>/sync/" in set(posts_of_the_api())


def test_two_sets_of_records_share_nothing():
    one, other = make_records(), make_records()

    assert one.account != other.account
    assert one.credential != other.credential
    assert one.order.organization != other.order.organization

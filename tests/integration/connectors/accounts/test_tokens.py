from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.utils import timezone

from connectors.accounts import credentials
from connectors.accounts.models import Credential, CredentialState
from connectors.accounts.tokens import LEASE, DatabaseTokenStore
from connectors.errors import AuthError, TransientError
from connectors.tokens import Token
from tests.factories.accounts import CredentialFactory
from tests.waiting import run_together, wait_until

NEVER = datetime(2099, 1, 1, tzinfo=UTC)


class Remote:
    """Counts its logins and names each token after the count."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self.error = error

    def __call__(self) -> Token:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return Token(f"token {self.calls}", NEVER, "https://there.example")


@pytest.mark.django_db
class TestOneProcess:
    def test_fetches_once_and_remembers_encrypted(self, clock):
        row = CredentialFactory.create()
        remote = Remote()

        fetched = DatabaseTokenStore(row.pk, clock).refresh(stale=None, fetch=remote)

        assert DatabaseTokenStore(row.pk, clock).current() == fetched
        assert (fetched.value, fetched.base_url) == ("token 1", "https://there.example")
        raw = Credential.objects.extra(select={"raw": "token"}).values("raw").get()
        assert "token 1" not in raw["raw"]

    def test_a_caller_with_an_older_token_is_given_the_newer(self, clock):
        store, remote = (
            DatabaseTokenStore(CredentialFactory.create().pk, clock),
            Remote(),
        )
        first = store.refresh(stale=None, fetch=remote)
        second = store.refresh(stale=first, fetch=remote)

        assert store.refresh(stale=first, fetch=remote) == second
        assert remote.calls == 2

    def test_a_token_that_ran_out_is_none(self, clock):
        row = CredentialFactory.create(
            token={"value": "old"}, token_expires_at=clock.now + timedelta(minutes=1)
        )
        store = DatabaseTokenStore(row.pk, clock)

        assert store.current() is not None
        clock.advance(minutes=1)
        assert store.current() is None
        assert store.refresh(stale=None, fetch=Remote()).value == "token 1"

    def test_a_refusal_pauses_the_credential_until_it_is_accepted(self, clock):
        row = CredentialFactory.create()
        store = DatabaseTokenStore(row.pk, clock)
        refusing = Remote(AuthError("The refresh token was revoked."))

        for _call in range(3):
            with pytest.raises(AuthError, match="revoked"):
                store.refresh(stale=None, fetch=refusing)

        assert refusing.calls == 1
        row.refresh_from_db()
        assert (row.state, row.refused_at) == (CredentialState.REFUSED, clock.now)
        assert not credentials.refuse(row.pk, reason="again", now=clock.now)
        assert credentials.accept(row.pk)
        assert store.refresh(stale=None, fetch=Remote()).value == "token 1"

    def test_other_errors_pass_through_and_the_next_call_tries_again(self, clock):
        store = DatabaseTokenStore(CredentialFactory.create().pk, clock)

        with pytest.raises(TransientError, match="no answer"):
            store.refresh(stale=None, fetch=Remote(TransientError("no answer")))

        assert store.refresh(stale=None, fetch=Remote()).value == "token 1"

    def test_the_lease_of_a_holder_that_died_is_taken_over(self, clock):
        row = CredentialFactory.create(
            refresh_fence=7, refresh_lease_until=clock.now - timedelta(seconds=1)
        )

        token = DatabaseTokenStore(row.pk, clock).refresh(stale=None, fetch=Remote())

        assert token.value == "token 1"
        row.refresh_from_db()
        assert row.refresh_fence == 8

    def test_a_holder_that_lost_its_lease_does_not_store(self, clock):
        store = DatabaseTokenStore(CredentialFactory.create().pk, clock)

        def slow_fetch() -> Token:
            clock.advance(seconds=LEASE.total_seconds() + 1)
            store.refresh(stale=None, fetch=Remote())
            return Token("late", NEVER)

        store.refresh(stale=None, fetch=slow_fetch)

        current = store.current()
        assert current is not None
        assert current.value == "token 1"

    def test_a_token_sealed_with_a_lost_key_is_fetched_anew(self, clock, settings):
        store = DatabaseTokenStore(CredentialFactory.create().pk, clock)
        store.refresh(stale=None, fetch=Remote())
        settings.SHIPSYNC_ENCRYPTION_KEYS = ["A" * 43 + "="]

        assert store.current() is None
        assert store.refresh(stale=None, fetch=Remote()).value == "token 1"


@pytest.mark.django_db(transaction=True)
class TestManyWorkers:
    def test_only_one_fetches_and_all_are_given_its_token(self):
        row = CredentialFactory.create()
        started = []

        def fetch() -> Token:
            started.append(1)
            wait_until(lambda: len(arrived) == 6)
            return Token("new", NEVER)

        arrived: list[int] = []

        def worker() -> Token:
            arrived.append(1)
            return DatabaseTokenStore(row.pk, timezone.now).refresh(
                stale=None, fetch=fetch
            )

        tokens = run_together([worker] * 6)

        assert {token.value for token in tokens if isinstance(token, Token)} == {"new"}
        assert len(tokens) == 6
        assert len(started) == 1

    def test_a_failed_renewal_is_not_repeated_by_those_who_waited(self):
        row = CredentialFactory.create()
        holding = Event()
        calls = []

        def fail() -> Token:
            calls.append(1)
            holding.set()
            wait_until(lambda: waiting)
            raise TransientError("no answer")

        waiting: list[int] = []

        class WaitingStore(DatabaseTokenStore):
            def _read(self) -> Credential:
                read = super()._read()
                if read.refresh_lease_until is not None:
                    waiting.append(1)
                return read

        def holder() -> Token:
            return DatabaseTokenStore(row.pk, timezone.now).refresh(
                stale=None, fetch=fail
            )

        def waiter() -> Token:
            assert holding.wait(10)
            return WaitingStore(row.pk, timezone.now).refresh(stale=None, fetch=fail)

        outcomes = run_together([holder, waiter])

        assert [str(outcome) for outcome in outcomes] == [
            "no answer",
            "Another worker could not renew the login.",
        ]
        assert len(calls) == 1

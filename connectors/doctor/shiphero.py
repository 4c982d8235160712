"""Asking ShipHero what we may do there, and whether it tells us what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Max

from connectors.accounts import audit
from connectors.accounts.encryption import UnreadableSecrets
from connectors.accounts.models import Account
from connectors.doctor import remote_rules as rules
from connectors.doctor import webhook_rules
from connectors.doctor.asking import Look, examined, then
from connectors.doctor.findings import Finding, ok
from connectors.models import RegistrationState, WebhookRegistration
from connectors.shiphero.account import WebhookFacts
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import clients
from connectors.sync.register_webhooks import TYPES, address_of, label_of
from orders.models import Export

Clock = Callable[[], datetime]
NO_ORDER = "shipsync-doctor"


class ShipHeroLook:
    """One account's login, rights, webhooks and credits."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._name = account.name
        self._made: ShipHeroClient | None = None

    def run(self) -> Iterator[Finding]:
        first = examined("shiphero.login", self._name, self._login)
        more: dict[str, Look] = {
            "shiphero.read_orders": self._read_orders,
            "shiphero.write_orders": self._write_orders,
            "shiphero.webhooks": self._webhooks,
            "shiphero.credits": self._credits,
        }
        return then(first, self._name, more)

    @property
    def _client(self) -> ShipHeroClient:
        if self._made is None:
            self._made = clients.build_shiphero(self._account, clock=self._clock)
        return self._made

    def _login(self) -> Iterator[Finding]:
        facts = self._client.account()
        yield rules.judge_fingerprint(
            "shiphero.login",
            stored=self._account.fingerprint,
            told=facts.fingerprint,
            subject=self._name,
        )
        self._note(facts.fingerprint)
        yield rules.judge_warehouses(
            [place.name for place in facts.warehouses],
            is_3pl=facts.is_3pl,
            customer=self._account.customer_account_id,
            subject=self._name,
        )

    def _note(self, fingerprint: str) -> None:
        if Account.objects.filter(pk=self._account.pk, fingerprint="").update(
            fingerprint=fingerprint
        ):
            audit.record(
                action="note_fingerprint",
                subject=self._account,
                account=self._account,
                after={"fingerprint": fingerprint},
                now=self._clock(),
            )

    def _read_orders(self) -> Iterator[Finding]:
        self._client.find_orders(NO_ORDER)
        yield ok("shiphero.read_orders", "Orders can be read.", self._name)

    def _write_orders(self) -> Iterator[Finding]:
        sent = Export.objects.filter(account=self._account).exclude(remote_id="")
        last = sent.filter(linked_by_person=False).aggregate(last=Max("sent_at"))[
            "last"
        ]
        yield rules.judge_write_scope(last, self._name)

    def _webhooks(self) -> Iterator[Finding]:
        if not settings.SHIPSYNC_BASE_URL:
            yield webhook_rules.no_webhook_address(self._name)
            return
        listed = {
            (hook.name, hook.shop_name): hook
            for hook in self._client.webhooks.registered()
        }
        stored = WebhookRegistration.objects.filter(account=self._account)
        rows = {(row.type_name, row.label): row for row in stored}
        places = [(name, label_of(self._account, name)) for name in TYPES]
        yield from webhook_rules.judge_webhooks(
            [
                _registration(place[0], rows.get(place), listed.get(place))
                for place in places
            ],
            self._name,
        )

    def _credits(self) -> Iterator[Finding]:
        quota = self._client.quota()
        yield rules.judge_credits(
            quota.remaining, quota.capacity, quota.rate, self._name
        )


def _registration(
    type_name: str, row: WebhookRegistration | None, fact: WebhookFacts | None
) -> webhook_rules.Registration:
    known = row.secrets if row is not None else {}
    readable = not isinstance(known, UnreadableSecrets)
    return webhook_rules.Registration(
        type_name=type_name,
        is_active=row is not None and row.state == RegistrationState.ACTIVE,
        has_secret=readable and bool(known.get("current")),
        url_is_ours=None
        if fact is None or row is None
        else fact.url == address_of(row),
        is_enabled=fact.is_enabled if fact is not None else None,
        health=fact.health if fact is not None else "",
        last_received_at=row.last_received_at if row is not None else None,
        last_refused_at=row.last_refused_at if row is not None else None,
    )

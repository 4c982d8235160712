"""The health strip: each account's two connections in one line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
)
from connectors.console import charts, panels
from connectors.console.base import list_address, page_address
from connectors.console.chips import Tone
from connectors.console.panels import Panel, View
from connectors.console.scoping import accounts_of
from connectors.models import WebhookRegistration
from connectors.timing import scaled
from orders.sightings import GRACE, shipments_by_account

MOST_ACCOUNTS = 24


@dataclass(frozen=True, slots=True)
class Connection:
    """One login of an account: `tone` and `word` are its state."""

    system: str
    tone: Tone
    word: str
    last_good: datetime | None
    token_until: datetime | None
    used: str
    bar: SafeString | str
    address: str


@dataclass(frozen=True, slots=True)
class Webhooks:
    """`loss` is the share of shipments that no webhook told, in words."""

    tone: Tone
    word: str
    last_received: datetime | None
    loss: str
    address: str


@dataclass(frozen=True, slots=True)
class Health:
    account: Account
    tone: Tone
    word: str
    address: str
    connections: list[Connection]
    webhooks: Webhooks


def strip(view: View) -> SafeString | str:
    """The health of the user's accounts, in one query of its own whatever their number."""
    accounts = accounts_of(view.user)[:MOST_ACCOUNTS]
    if not accounts:
        return ""
    hooks = _registrations(accounts)
    losses = _losses(view)
    healths = [
        _health(one, hooks[one.pk], losses.get(one.pk, ""), view) for one in accounts
    ]
    return render_to_string("admin/console/health.html", {"healths": healths})


def _health(
    account: Account,
    hooks: list[WebhookRegistration],
    loss: str,
    view: View,
) -> Health:
    state = (Tone.WARN, "Paused") if account.paused else (Tone.GOOD, "Open")
    return Health(
        account,
        *state,
        page_address(account),
        [
            connection(account.organization.credential, view.now),
            connection(account.credential, view.now),
        ],
        _webhooks(account, hooks, loss),
    )


def connection(login: Credential, now: datetime) -> Connection:
    tone, word = state_of(login)
    used, bar = _usage(login, now)
    return Connection(
        login.get_system_display(),
        tone,
        word,
        login.api_read_at if login.system == "salesforce" else login.credits_at,
        login.token_expires_at,
        used,
        bar,
        page_address(login),
    )


def state_of(login: Credential) -> tuple[Tone, str]:
    if login.state == CredentialState.REFUSED:
        return Tone.BAD, "Refused"
    if login.breaker_state == BreakerState.OPEN:
        return Tone.WARN, "Not answering"
    if login.breaker_state == BreakerState.HALF_OPEN:
        return Tone.WARN, "Trying again"
    return Tone.GOOD, "Answers"


def _usage(login: Credential, now: datetime) -> tuple[str, SafeString | str]:
    """What is left of the day's calls, or of the credits as they have filled up since."""
    if login.api_limit and login.api_used is not None:
        left = max(login.api_limit - login.api_used, 0)
        return _filled(left, login.api_limit, "calls left today")
    if not login.credits_capacity or login.credits_remaining is None:
        return "", ""
    seconds = (now - login.credits_at).total_seconds() if login.credits_at else 0
    refilled = login.credits_remaining + seconds * (login.credits_rate or 0)
    return _filled(
        min(refilled, login.credits_capacity), login.credits_capacity, "credits"
    )


def _filled(left: float, whole: float, what: str) -> tuple[str, SafeString | str]:
    tone = "good" if left > whole / 4 else "warn"
    words = f"{left:,.0f} of {whole:,.0f} {what}"
    return words, charts.share(left, whole, words, tone=tone)


def _registrations(accounts: list[Account]) -> dict[int, list[WebhookRegistration]]:
    found: dict[int, list[WebhookRegistration]] = defaultdict(list)
    rows = WebhookRegistration.objects.filter(account__in=accounts).exclude(
        state="retired"
    )
    for row in rows.defer("secrets", "token")[:500]:
        found[row.account_id].append(row)
    return found


def shipments(view: View) -> dict[str, QuerySet[Any]]:
    hours = view.settings["loss_window_hours"][None]
    rows = shipments_by_account(
        since=view.now - scaled(timedelta(hours=hours)),
        now=view.now,
        grace=scaled(GRACE),
        accounts=accounts_of(view.user)[:MOST_ACCOUNTS],
    )
    return {"shipments told": rows}


def _losses(view: View) -> dict[int, str]:
    """How many shipments no webhook told, by account, as the loss meter counts them."""
    return {
        row["account_id"]: f"{100 * row['missed'] / row['facts']:.0f} % missed"
        for row in view.rows["shipments told"]
        if row["facts"]
    }


def _webhooks(
    account: Account, hooks: list[WebhookRegistration], loss: str
) -> Webhooks:
    address = list_address(WebhookRegistration, account=account.pk)
    times = [hook.last_received_at for hook in hooks if hook.last_received_at]
    tone, word = _standing(hooks)
    return Webhooks(tone, word, max(times, default=None), loss, address)


def is_ailing(hook: WebhookRegistration) -> bool:
    """Whether ShipHero counts errors: it will switch the registration off if they go on."""
    return hook.health.upper() not in {"", "HEALTHY"}


def _standing(hooks: list[WebhookRegistration]) -> tuple[Tone, str]:
    if not hooks:
        return Tone.OFF, "None yet"
    down = [hook for hook in hooks if not hook.is_enabled]
    if down:
        return Tone.BAD, f"{len(down)} of {len(hooks)} disabled"
    ailing = [hook for hook in hooks if is_ailing(hook)]
    if ailing:
        return Tone.WARN, f"{len(ailing)} of {len(hooks)} with errors"
    waiting: list[Any] = [hook for hook in hooks if hook.state != "active"]
    if waiting:
        return Tone.WAITING, f"{len(waiting)} of {len(hooks)} asked for"
    return Tone.GOOD, f"{len(hooks)} active"


def register_panels() -> None:
    panels.register(
        Panel(
            "health",
            "Connections",
            body=strip,
            listed=shipments,
            permission="accounts.view_account",
            link=lambda: list_address(Account),
            order=100,
            shape="strip",
            empty="No account is connected yet.",
        )
    )

"""The buttons of accounts, logins and settings."""

from __future__ import annotations

from connectors.accounts import permissions
from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
    ScopedSetting,
)
from connectors.console import deeds
from connectors.console.offers import Input, Offer


def _paused(account: Account) -> str:
    return "The account is paused already." if account.paused else ""


def _open(account: Account) -> str:
    return "" if account.paused else "The account is not paused."


def _usable(credential: Credential) -> str:
    shut = credential.breaker_state != BreakerState.CLOSED
    if credential.state == CredentialState.REFUSED or shut:
        return ""
    return "The login is in use."


def _told(account: Account) -> str:
    return "Telling Salesforce is paused already." if account.back_paused else ""


def _untold(account: Account) -> str:
    return "" if account.back_paused else "Telling Salesforce is not paused."


OFFERS = (
    Offer(
        "pause",
        Account,
        "Pause",
        permissions.PAUSE,
        deeds.pause_account,
        _paused,
        (
            Input("why", "Why is it paused?"),
            Input(
                "hours",
                "For how many hours?",
                "Empty: until somebody resumes it.",
                is_optional=True,
            ),
        ),
        help="Stop every write to ShipHero. Reading goes on, nothing is lost.",
    ),
    Offer(
        "resume",
        Account,
        "Resume",
        permissions.PAUSE,
        deeds.resume_account,
        _open,
        help="Write to ShipHero again. The first time, this is go-live: orders "
        "activated earlier stay excluded.",
        is_main=True,
    ),
    Offer(
        "check-webhooks",
        Account,
        "Check webhooks",
        permissions.SYNC_NOW,
        deeds.check_webhooks,
        help="Register what lacks and switch on what ShipHero switched off.",
    ),
    Offer(
        "rotate-webhooks",
        Account,
        "Rotate webhook secrets",
        permissions.PAUSE,
        deeds.rotate_webhooks,
        inputs=(Input("why", "Why are they changed?"),),
        help="New addresses and secrets; the old ones overlap for an hour.",
    ),
    Offer(
        "pause-back",
        Account,
        "Pause telling Salesforce",
        permissions.PAUSE,
        deeds.pause_back,
        _told,
        (Input("why", "Why is it paused?"),),
        help="What happens in this account is kept and told later.",
    ),
    Offer(
        "resume-back",
        Account,
        "Resume telling Salesforce",
        permissions.PAUSE,
        deeds.resume_back,
        _untold,
        help="Tell Salesforce what happened meanwhile.",
        is_main=True,
    ),
    Offer(
        "resume",
        Credential,
        "Use again",
        permissions.PAUSE,
        deeds.resume_credential,
        _usable,
        help="Try the login again, and close its circuit breaker.",
        is_main=True,
    ),
    Offer(
        "inherit",
        ScopedSetting,
        "Inherit again",
        permissions.CHANGE_CONFIG,
        deeds.inherit_setting,
        help="Remove this value; the next wider one holds.",
        leaves=True,
    ),
)

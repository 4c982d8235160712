"""The buttons of the console: one table of what people may do, with what words.

A button calls one service, which checks the permission again and writes the audit
row. A new action needs an entry here and nowhere else; the tests run over the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model

from connectors.accounts import permissions
from connectors.accounts.models import Account

User = AbstractBaseUser | AnonymousUser
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One text a button asks for; with `choices` (value, words), one of them.

    `choose` answers the choices that one subject leaves somebody; where it finds none,
    text is asked for.
    """

    name: str
    label: str
    help: str = ""
    choices: Choices = ()
    is_optional: bool = False
    choose: Callable[[Any, User], Choices] | None = None

    def asked_of(self, subject: Any, user: User) -> Input:
        """This input with what the user may choose for that subject."""
        if self.choose is None:
            return self
        return replace(self, choices=self.choose(subject, user))


@dataclass(frozen=True, slots=True)
class Call:
    """One press of a button."""

    subject: Any
    user: User
    now: datetime
    data: Mapping[str, str]


def _always(_subject: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Offer:
    """`run` answers the message that people read; `unfit` says why it makes no sense
    now ("" when it does)."""

    name: str
    model: type[Model]
    label: str
    operation: str
    run: Callable[[Call], str]
    unfit: Callable[[Any], str] = _always
    inputs: tuple[Input, ...] = ()
    help: str = ""
    is_main: bool = False
    leaves: bool = False  # whether its subject is gone afterwards
    is_explained: bool = False  # shown with the reason where it cannot be pressed


def account_of(subject: Any) -> Account | None:
    """The account whose permission counts; None for what belongs to several."""
    if isinstance(subject, Account):
        return subject
    account = getattr(subject, "account", None)
    return account if isinstance(account, Account) else None


_offers: dict[tuple[type[Model], str], Offer] = {}


def register(*offers: Offer) -> None:
    """Make buttons known. Raises `ValueError` for a name that is taken."""
    for offer in offers:
        key = (offer.model, offer.name)
        if key in _offers:
            raise ValueError(f"There is a button “{offer.name}” on {offer.model}.")
        _offers[key] = offer


def every_offer() -> list[Offer]:
    return list(_offers.values())


def find(model: type[Model], name: str) -> Offer | None:
    return _offers.get((model, name))


def refused_for(subject: Model, user: User) -> list[tuple[Offer, str]]:
    """The explained buttons that cannot be pressed now, each with the reason."""
    found = []
    for offer in _offers.values():
        if not (offer.is_explained and isinstance(subject, offer.model)):
            continue
        reason = offer.unfit(subject)
        if not reason and not permissions.may(
            user, offer.operation, account_of(subject)
        ):
            reason = "Your role may not do this here."
        if reason:
            found.append((offer, reason))
    return found


def offers_for(subject: Model, user: User) -> list[Offer]:
    """The buttons to show: those the user may press and that make sense now."""
    return [
        offer
        for offer in _offers.values()
        if isinstance(subject, offer.model)
        and not offer.unfit(subject)
        and permissions.may(user, offer.operation, account_of(subject))
    ]

"""Earlier versions of a configuration: compared, weighed, and put into force again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from connectors.accounts import permissions
from connectors.accounts.models import Account, Organization
from connectors.config_diff import Difference, differences
from connectors.config_versions import OF_ACCOUNT, ConfigKind, ConfigVersion
from connectors.sync import config, map_actions, what_if
from connectors.sync.actions import ActionRefusedError
from orders.models import Order

User = AbstractBaseUser | AnonymousUser
Owner = Account | Organization


@dataclass(frozen=True, slots=True)
class Change:
    """What putting a document into force would change, and for which open orders.

    `impact` is None for what is weighed by reading every open order again.
    """

    kind: str
    differences: list[Difference] = field(default_factory=list)
    impact: what_if.Impact | None = None
    read_again: int = 0

    @property
    def title(self) -> str:
        return str(ConfigKind(self.kind).label)

    @property
    def words(self) -> str:
        if self.impact is not None:
            return self.impact.words
        return f"{self.read_again} open orders are judged anew"


def scope_of(owner: Owner) -> dict[str, Any]:
    """The columns of a version that say for whom it holds."""
    if isinstance(owner, Account):
        return {"account": owner, "organization": None}
    return {"organization": owner, "account": None}


def versions(owner: Owner, kind: str) -> QuerySet[ConfigVersion]:
    """Every version for this owner, the newest first."""
    rows = ConfigVersion.objects.filter(kind=kind, **scope_of(owner))
    return rows.select_related("created_by").order_by("-number")


def document_in_force(owner: Owner, kind: str) -> dict[str, Any]:
    """What the newest version says; an empty document where there is none."""
    newest = versions(owner, kind).first()
    return dict(newest.document) if newest is not None else {}


def change_to(
    owner: Owner, kind: str, document: dict[str, Any], *, now: datetime
) -> Change:
    """What this document in the place of the one in force would do.

    Raises ValueError with words for a document that cannot be read.
    """
    found = differences(document_in_force(owner, kind), document)
    if isinstance(owner, Account):
        return Change(kind, found, what_if.impact(owner, kind, document, now=now))
    config.parse(kind, document)
    open_ones = Order.objects.filter(organization=owner).exclude(state__in=config.ENDED)
    return Change(kind, found, read_again=open_ones.count() if found else 0)


def put_into_force(
    owner: Owner,
    kind: str,
    document: dict[str, Any],
    *,
    user: User,
    now: datetime,
    note: str,
) -> ConfigVersion:
    """A new version for its owner; what it frees goes on, many orders in waves."""
    if isinstance(owner, Account) and kind in map_actions.RELEASING:
        return map_actions.save(
            account=owner, kind=kind, document=document, user=user, now=now, note=note
        ).version
    return config.save(
        kind=kind,
        document=document,
        user=user,
        now=now,
        note=note,
        **scope_of(owner),
    )


def roll_back(
    version: ConfigVersion, *, in_force: int, why: str, user: User, now: datetime
) -> ConfigVersion:
    """Put an earlier version into force again, as a new one: history stays whole.

    `in_force` is the number that was in force when the person looked. Raises
    PermissionDenied, ActionRefusedError.
    """
    owner = version.account or version.organization
    if owner is None:
        raise ActionRefusedError("This version belongs to nobody.")
    permissions.require(user, permissions.CHANGE_CONFIG, version.account)
    newest = versions(owner, version.kind).first()
    if newest is None or newest.number != in_force:
        raise ActionRefusedError("Somebody saved a version meanwhile. Look once more.")
    if newest.document == version.document:
        raise ActionRefusedError("This is what is in force already.")
    if not why.strip():
        raise ActionRefusedError("Say why it is rolled back.")
    try:
        return put_into_force(
            owner,
            version.kind,
            dict(version.document),
            user=user,
            now=now,
            note=f"Back to version {version.number}: {why.strip()}",
        )
    except ValueError as error:
        raise ActionRefusedError(
            f"Version {version.number} cannot be used any more: {error}"
        ) from error


def kinds_of(owner: Owner) -> list[ConfigKind]:
    """The kinds that are set for such an owner."""
    is_account = isinstance(owner, Account)
    return [kind for kind in ConfigKind if (kind in OF_ACCOUNT) == is_account]

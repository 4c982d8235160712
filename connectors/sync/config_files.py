"""One account's or organization's configuration as a file: out, previewed, and in.

A file holds maps, rules and settings; logins and secrets are in none. It is taken as a
whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction

from connectors.accounts import audit, permissions, scoped
from connectors.accounts.models import Account, Organization, ScopedSetting
from connectors.config_diff import Difference
from connectors.config_versions import ConfigKind
from connectors.sync import config_history
from connectors.sync.actions import ActionRefusedError
from connectors.sync.config_history import Change, Owner

User = AbstractBaseUser | AnonymousUser
FORMAT = "shipsync-configuration"
VERSION = 1
KNOWN = frozenset(
    {"format", "version", "for", "name", "exported_at", "documents", "settings"}
)
LONGEST = 5_000_000


@dataclass(slots=True)
class Plan:
    """What a file would do. With `faults` nothing of it can be taken."""

    name: str = ""
    exported_at: str = ""
    changes: list[Change] = field(default_factory=list)
    settings: list[Difference] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    unchanged: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        return bool(self.changes or self.settings)


def word_of(owner: Owner) -> str:
    return "account" if isinstance(owner, Account) else "organization"


def exported(owner: Owner, *, now: datetime) -> str:
    """The owner's newest version of everything, and the settings that are its own."""
    documents = {
        str(kind): config_history.document_in_force(owner, kind)
        for kind in config_history.kinds_of(owner)
        if config_history.versions(owner, kind).exists()
    }
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "for": word_of(owner),
        "name": owner.name,
        "exported_at": now.isoformat(timespec="seconds"),
        "documents": documents,
        "settings": _own_settings(owner),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _own_settings(owner: Owner) -> dict[str, Any]:
    if isinstance(owner, Organization):
        return {}
    rows = ScopedSetting.objects.filter(account=owner, brand=None).order_by("key")
    return dict(rows.values_list("key", "value"))


def plan(owner: Owner, text: str, *, now: datetime) -> Plan:
    """What the file's text would change for this owner, or all that is wrong in it."""
    found = Plan()
    whole = _read(text, found)
    if not found.faults:
        _check_head(whole, owner, found)
    if not found.faults:
        _plan_documents(owner, whole.get("documents") or {}, found, now)
        _plan_settings(owner, whole.get("settings") or {}, found)
    return found


def _read(text: str, found: Plan) -> dict[str, Any]:
    if len(text) > LONGEST:
        found.faults.append("The file is larger than 5 MB.")
        return {}
    try:
        whole = json.loads(text)
    except RecursionError:
        found.faults.append("The file is nested too deeply.")
        return {}
    except ValueError as error:
        found.faults.append(f"The file is not JSON: {error}.")
        return {}
    if "\\u0000" in json.dumps(whole):
        found.faults.append("The file holds a NUL character.")
        return {}
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        found.faults.append("This is no configuration that ShipSync exported.")
        return {}
    return whole


def _check_head(whole: dict[str, Any], owner: Owner, found: Plan) -> None:
    found.name = str(whole.get("name", ""))
    found.exported_at = str(whole.get("exported_at", ""))
    if whole.get("version") != VERSION:
        found.faults.append(
            f"The file has the format's version {whole.get('version')}; this ShipSync "
            f"reads version {VERSION}."
        )
    if whole.get("for") != word_of(owner):
        found.faults.append(
            f"The file is for an {whole.get('for')}, and this is an {word_of(owner)}."
        )
    found.faults += [
        f"“{key}” is nothing that a configuration holds."
        for key in sorted(set(map(str, whole)) - KNOWN)
    ]
    found.faults += [
        f"“{name}” must be an object: {{ … }}."
        for name in ("documents", "settings")
        if not isinstance(whole.get(name) or {}, Mapping)
    ]


def _plan_documents(
    owner: Owner, documents: Mapping[str, Any], found: Plan, now: datetime
) -> None:
    allowed = {str(kind) for kind in config_history.kinds_of(owner)}
    for kind, document in documents.items():
        if kind not in allowed:
            found.faults.append(f"“{kind}” is not set for an {word_of(owner)}.")
        elif not isinstance(document, dict):
            found.faults.append(
                f"{ConfigKind(kind).label}: must be an object: {{ … }}."
            )
        else:
            _plan_document(owner, kind, document, found, now)


def _plan_document(
    owner: Owner, kind: str, document: dict[str, Any], found: Plan, now: datetime
) -> None:
    label = ConfigKind(kind).label
    try:
        change = config_history.change_to(owner, kind, document, now=now)
    except ValueError as error:
        found.faults.append(f"{label}: {error}")
        return
    except (TypeError, AttributeError, KeyError):
        found.faults.append(
            f"{label}: an entry is missing, or is not of the kind it must be."
        )
        return
    if change.differences:
        found.changes.append(change)
        found.documents[kind] = document
    else:
        found.unchanged += 1


def _plan_settings(owner: Owner, settings: Mapping[str, Any], found: Plan) -> None:
    if settings and isinstance(owner, Organization):
        found.faults.append("An organization has no settings of its own.")
        return
    before = _own_settings(owner)
    for key, value in settings.items():
        try:
            scoped.spec_of(key).check(value)
        except (ValueError, scoped.UnknownSettingError) as error:
            found.faults.append(f"Settings: {error}")
            continue
        if key not in before or before[key] != value:
            old = json.dumps(before[key]) if key in before else ""
            found.settings.append(Difference(key, old, json.dumps(value)))
            found.values[key] = value


def apply(owner: Owner, text: str, *, why: str, user: User, now: datetime) -> Plan:
    """Put everything of the file into force in one transaction.

    Raises PermissionDenied, and ActionRefusedError where anything of it is wrong.
    """
    account = owner if isinstance(owner, Account) else None
    permissions.require(user, permissions.CHANGE_CONFIG, account)
    found = plan(owner, text, now=now)
    if found.faults:
        raise ActionRefusedError(f"Nothing was taken. {' '.join(found.faults[:3])}")
    if not found.does_something:
        raise ActionRefusedError("The file says what holds already.")
    note = f"Imported from {found.name or 'a file'}: {why}".strip(": ")
    with transaction.atomic():
        for kind, document in found.documents.items():
            config_history.put_into_force(
                owner, kind, document, user=user, now=now, note=note
            )
        for key, value in found.values.items():
            scoped.assign(key, value, actor=user, now=now, account=account)
        audit.record(
            action="import_config",
            actor=user,
            subject=owner,
            account=account,
            after={"documents": sorted(found.documents), "settings": found.values},
            note=note,
            now=now,
        )
    return found

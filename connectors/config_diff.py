"""What differs between two configuration documents, entry by entry, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What names an entry of a list, the first that all entries have.
NAMES = ("from", "name", "field", "path", "key")
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry. `before` and `after` are text; "" where there is nothing."""

    where: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        return not self.before

    @property
    def is_gone(self) -> bool:
        return not self.after


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Difference]:
    """Every entry that was added, removed, changed or moved, in the documents' order."""
    return list(_of_objects(before, after, ()))


def _of_objects(
    before: Mapping[str, Any], after: Mapping[str, Any], where: tuple[str, ...]
) -> Iterator[Difference]:
    for key in dict.fromkeys([*before, *after]):
        yield from _of_values(
            before.get(key, ABSENT), after.get(key, ABSENT), (*where, str(key))
        )


def _of_values(before: Any, after: Any, where: tuple[str, ...]) -> Iterator[Difference]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_objects(before, after, where)
        return
    if _is_list(before) and _is_list(after):
        name = _name_of([*before, *after])
        if name:
            yield from _of_entries(before, after, name, where)
            return
    yield Difference(" / ".join(where), _text(before), _text(after))


def _of_entries(
    before: Sequence[Any], after: Sequence[Any], name: str, where: tuple[str, ...]
) -> Iterator[Difference]:
    old = {str(one[name]): one for one in before}
    new = {str(one[name]): one for one in after}
    if len(old) < len(before) or len(new) < len(after):  # a name stands twice
        yield Difference(" / ".join(where), _text(before), _text(after))
        return
    yield from _of_objects(old, new, where)
    kept = [key for key in old if key in new]
    moved = [key for key in new if key in old]
    if kept != moved:
        yield Difference(
            " / ".join((*where, "order")), ", ".join(kept), ", ".join(moved)
        )


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _name_of(entries: Sequence[Any]) -> str:
    for name in NAMES:
        if entries and all(isinstance(one, Mapping) and name in one for one in entries):
            return name
    return ""


def _text(value: Any) -> str:
    if value is ABSENT:
        return ""
    if isinstance(value, str):
        return value or "“”"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(one)}" for key, one in value.items()) or "{ }"
    return json.dumps(value, ensure_ascii=False)

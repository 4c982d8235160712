"""Maps as tables of text: pasted, uploaded, compared with what stands, and given out."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from orders.maps import MapRules, Row, fault_of, key_of
from orders.methods import plain_row, row_from

MOST_ROWS = 50_000
MOST_BYTES = 4_000_000
VALUE_COLUMNS = ("from", "to", "note")
METHOD_COLUMNS = (
    *("from", "carrier", "method", "title"),
    *("countries", "min_weight", "max_weight", "warehouses"),
)
# A cell that begins so is run as a formula by spreadsheets.
DELIMITERS = ("\t", ";", ",")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line of the text, counted from 1."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Read:
    """Rows as they stand in a document, and the lines that cannot stand in one."""

    rows: tuple[dict[str, Any], ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """A document's rows afterwards, and what came about."""

    rows: tuple[dict[str, Any], ...]
    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0

    @property
    def words(self) -> str:
        return (
            f"{self.added} new, {self.changed} changed, {self.removed} removed, "
            f"{self.same} as before"
        )


def decoded(body: bytes) -> str:
    """The text of an uploaded file. Raises `ValueError` with what to do about it."""
    if len(body) > MOST_BYTES:
        raise ValueError("The file is larger than 4 MB. Split it.")
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(
            "The file is not UTF-8. Save it as “CSV UTF-8” and upload it again."
        ) from None


def read_values(text: str, rules: MapRules) -> Read:
    """Rows of `from, to, note`; tabs, semicolons or commas part the cells."""
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line, cells in _lines(text, VALUE_COLUMNS, faults):
        row = Row(cells.get("from", ""), cells.get("to", ""), cells.get("note", ""))
        words = _length(cells) or fault_of(row, rules) or _again(row.source, line, seen)
        if words:
            faults.append(Fault(line, words))
        else:
            note = {"note": row.note} if row.note else {}
            rows.append({"from": row.source, "to": row.target, **note})
    return Read(tuple(rows), tuple(faults))


def read_methods(text: str) -> Read:
    """Rows of the shipping methods; lists in a cell are parted by `|` or spaces."""
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for line, cells in _lines(text, METHOD_COLUMNS, faults):
        item: dict[str, Any] = {name: cell for name, cell in cells.items() if cell}
        for name in ("countries", "warehouses"):
            item[name] = cells.get(name, "").replace("|", " ").split()
        wrong: list[str] = []
        row = row_from(item, "It", wrong)
        if wrong:
            faults.append(Fault(line, " ".join(wrong)))
        else:
            rows.append(plain_row(row))
    return Read(tuple(rows), tuple(faults))


def _length(cells: dict[str, str]) -> str:
    if any("\0" in cell for cell in cells.values()):
        return "It holds a NUL character."
    return "A cell is too long." if any(len(c) > 255 for c in cells.values()) else ""


def _again(source: str, line: int, seen: dict[str, int]) -> str:
    first = seen.setdefault(key_of(source), line)
    return "" if first == line else f"“{source}” stands in line {first} already."


def _lines(
    text: str, columns: Sequence[str], faults: list[Fault]
) -> Iterable[tuple[int, dict[str, str]]]:
    """The lines with their cells by column; a heading may set another order."""
    names: Sequence[str] = columns
    reader = csv.reader(
        io.StringIO(text.strip("\ufeff")), delimiter=_delimiter(text, columns)
    )
    count = 0
    try:
        for cells in reader:
            clean = [_plain(cell) for cell in cells]
            if not any(clean):
                continue
            if (
                not count
                and clean[0].casefold() in columns
                and _is_heading(clean, columns)
            ):
                names = [cell.casefold() for cell in clean]
                continue
            count += 1
            if count > MOST_ROWS:
                faults.append(
                    Fault(reader.line_num, f"Only {MOST_ROWS} rows are read.")
                )
                return
            if len(clean) > len(names):
                faults.append(Fault(reader.line_num, "It has more cells than columns."))
                continue
            yield reader.line_num, dict(zip(names, clean, strict=False))
    except csv.Error as error:
        faults.append(Fault(reader.line_num, f"It cannot be read: {error}."))


def _is_heading(cells: Sequence[str], columns: Sequence[str]) -> bool:
    return all(cell.casefold() in columns for cell in cells if cell)


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """What parts the heading's cells; without a heading, what stands there most."""
    heading = text.strip("\ufeff").partition("\n")[0]
    for one in DELIMITERS:
        cells = [_plain(cell) for cell in heading.split(one)]
        if len(cells) > 1 and all(cells) and _is_heading(cells, columns):
            return one
    return max(DELIMITERS, key=text[:2000].count)


def _plain(cell: str) -> str:
    """Without outer space, and without the mark that keeps formulas from running."""
    plain = cell.strip()
    return plain[1:] if plain[:1] == "'" and plain[1:2] in FORMULA else plain


def merged(
    before: Sequence[dict[str, Any]], news: Sequence[dict[str, Any]], *, replaces: bool
) -> Merge:
    """The rows with the news in their places. Rows of one name go together."""
    old, new = _by_name(before), _by_name(news)
    kept = {} if replaces else {k: rows for k, rows in old.items() if k not in new}
    added = [key for key in new if key not in old]
    changed = [key for key in new if key in old and new[key] != old[key]]
    removed = [key for key in old if key not in new] if replaces else []
    order = [key for key in (*old, *added) if key in kept or key in new]
    rows = [row for key in order for row in new.get(key) or kept[key]]
    same = len(order) - len(added) - len(changed)
    return Merge(tuple(rows), len(added), len(changed), len(removed), same)


def _by_name(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(key_of(str(row.get("from", ""))), []).append(row)
    return found


def written(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> str:
    """The rows as CSV with a heading; reads back as the same rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(row.get(name, "")) for name in columns])
    return out.getvalue()


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula."""
    if isinstance(value, list):
        value = "|".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def close_matches(value: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """The likeliest meanings of an unmapped value, the best first.

    The same but for case and punctuation comes first; then what is written alike.
    """
    plain = {one: _letters(one) for one in dict.fromkeys(candidates)}
    wanted = _letters(value)
    alike = [one for one, letters in plain.items() if letters == wanted and wanted]
    rest = {letters: one for one, letters in plain.items() if one not in alike}
    close = difflib.get_close_matches(wanted, list(rest), n=most, cutoff=0.6)
    return [*alike, *(rest[letters] for letters in close)][:most]


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())

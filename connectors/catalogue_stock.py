"""What can go wrong with stock: (code, title, cause, fix, owner) for the catalogue."""

from __future__ import annotations

from typing import Final

_AGAIN: Final = (
    "The next snapshot is asked for by itself. If it stays so, ask ShipHero."
)
_NOTHING: Final = "No count was changed."

STOCK: Final = (
    (
        "stock.no_warehouses",
        "No warehouse",
        f"ShipHero lists no warehouse for the account. {_NOTHING}",
        "Check whose login this is and what it may see.",
        "integrator",
    ),
    (
        "stock.error",
        "ShipHero made no snapshot",
        f"ShipHero began the snapshot and ended it with an error. {_NOTHING}",
        _AGAIN,
        "ops",
    ),
    (
        "stock.aborted",
        "Snapshot aborted",
        f"Somebody aborted the snapshot in ShipHero. {_NOTHING}",
        _AGAIN,
        "ops",
    ),
    (
        "stock.late",
        "Snapshot not finished",
        f"ShipHero did not finish the snapshot in time. {_NOTHING}",
        "Large accounts need longer: raise snapshot_patience_seconds.",
        "integrator",
    ),
    (
        "stock.url_expired",
        "Snapshot expired",
        f"The snapshot's file can be read for a day, and was not. {_NOTHING}",
        "Look why the workers stood still; the next one is asked for by itself.",
        "integrator",
    ),
    (
        "stock.no_url",
        "Snapshot without a file",
        f"ShipHero says that the snapshot is done and names no file. {_NOTHING}",
        _AGAIN,
        "ops",
    ),
    (
        "stock.bad_url",
        "Snapshot at an odd address",
        f"The snapshot's file does not lie at a secure address. {_NOTHING}",
        "Check the login's base address in its settings.",
        "integrator",
    ),
    (
        "stock.file_away",
        "Snapshot not to be had",
        f"The server with the snapshot's file does not answer. {_NOTHING}",
        "It is tried again by itself.",
        "ops",
    ),
    (
        "stock.file_truncated",
        "Snapshot cut off",
        f"The snapshot's file ends in the middle. {_NOTHING}",
        "It is fetched again by itself, three times at most.",
        "ops",
    ),
    (
        "stock.file_damaged",
        "Snapshot damaged",
        f"The snapshot's file is no stock list of a layout that we know. {_NOTHING}",
        "It is fetched again by itself. If it stays so, the layout may have changed.",
        "engineer",
    ),
    (
        "stock.file_too_large",
        "Snapshot too large",
        f"The snapshot's file is larger than any stock list. {_NOTHING}",
        "If the account is that large, raise SHIPSYNC_SNAPSHOT_MAX_BYTES.",
        "integrator",
    ),
    (
        "stock.file_of_another",
        "Snapshot of another account",
        f"The snapshot's file is of another account than this one. {_NOTHING}",
        "Check whose login this is.",
        "integrator",
    ),
    (
        "stock.file_empty",
        "Empty snapshot",
        f"The snapshot holds no product, though earlier ones did. {_NOTHING}",
        _AGAIN,
        "ops",
    ),
)

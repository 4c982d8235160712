"""Indexes for parts of words, which a b-tree cannot serve; PostgreSQL only."""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython

# Without the right to make the extension the search still answers, by reading the table.
MADE = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS {name} ON {table}
        USING gin (upper({column}::text) gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'pg_trgm may not be made here: {column} is searched without an index';
END $$;
"""


def word_index(name: str, table: str, column: str) -> RunPython:
    """A migration's step that makes the index where it can be made."""

    def make(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(MADE.format(name=name, table=table, column=column))

    return RunPython(make, RunPython.noop)

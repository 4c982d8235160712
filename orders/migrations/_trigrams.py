"""An index for names that are searched for their parts, where PostgreSQL can."""

# Names are searched for their parts; a b-tree cannot serve that. Without the right to
# make the extension the search still answers, by reading the table.
TRIGRAMS = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS orders_by_customer_words ON orders_order
        USING gin (upper(customer_name::text) gin_trgm_ops);
    CREATE INDEX IF NOT EXISTS orders_by_ship_to_words ON orders_order
        USING gin (upper(ship_to_name::text) gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'pg_trgm may not be made here: names are searched without an index';
END $$;
"""


def index_names(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TRIGRAMS)

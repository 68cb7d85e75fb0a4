"""The store's migrations as they were before Alembic, word for word: what stores of that time were made by."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE intents (
            id TEXT PRIMARY KEY NOT NULL, caller TEXT NOT NULL, mutation TEXT NOT NULL, input {bytes} NOT NULL,
            "key" TEXT, created_at BIGINT NOT NULL, settled_at BIGINT, holder TEXT, lease_until BIGINT NOT NULL)""",
        "CREATE INDEX intents_settled_at ON intents (settled_at, lease_until)",
        """CREATE TABLE steps (
            intent TEXT NOT NULL, number INTEGER NOT NULL,
            source TEXT NOT NULL, resource TEXT NOT NULL, action TEXT NOT NULL, target TEXT, clue {bytes} NOT NULL,
            state TEXT NOT NULL, attempts INTEGER NOT NULL, record TEXT, reason TEXT, told {bytes},
            changed_at BIGINT NOT NULL, PRIMARY KEY (intent, number),
            FOREIGN KEY (intent) REFERENCES intents (id) ON DELETE CASCADE)""",
        "CREATE INDEX steps_state ON steps (state)",
        """CREATE TABLE idempotency (
            caller TEXT NOT NULL, "key" TEXT NOT NULL, digest {bytes} NOT NULL, intent TEXT, payload {bytes},
            expires_at BIGINT NOT NULL, holder TEXT, lease_until BIGINT NOT NULL, PRIMARY KEY (caller, "key"))""",
        "CREATE INDEX idempotency_expires_at ON idempotency (expires_at)",
        """CREATE TABLE locks (
            source TEXT NOT NULL, record TEXT NOT NULL, fence BIGINT NOT NULL, holder TEXT,
            lease_until BIGINT NOT NULL, PRIMARY KEY (source, record))""",
    ),
    # A number is never given twice, also when all rows have been thrown away: workers remember how far they have heard.
    (
        """CREATE TABLE notices (
            number {serial}, worker TEXT NOT NULL, notice {bytes} NOT NULL, told_at BIGINT NOT NULL)""",
    ),
    (
        """CREATE TABLE imports (
            id TEXT PRIMARY KEY NOT NULL, caller TEXT NOT NULL, plan {bytes} NOT NULL, total INTEGER NOT NULL,
            state TEXT NOT NULL, reason TEXT, created_at BIGINT NOT NULL, finished_at BIGINT,
            holder TEXT, lease_until BIGINT NOT NULL)""",
        "CREATE INDEX imports_state ON imports (state, lease_until)",
        """CREATE TABLE import_rows (
            import_id TEXT NOT NULL, number INTEGER NOT NULL, row {bytes} NOT NULL, PRIMARY KEY (import_id, number),
            FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE)""",
        """CREATE TABLE import_parts (
            import_id TEXT NOT NULL, source TEXT NOT NULL, number INTEGER NOT NULL, attempts INTEGER NOT NULL,
            intent TEXT, outcome TEXT NOT NULL, results {bytes}, PRIMARY KEY (import_id, source, number),
            FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE)""",
    ),
    (
        """CREATE TABLE rule_links (
            rule TEXT NOT NULL, of_source TEXT NOT NULL, of_resource TEXT NOT NULL, of_id TEXT NOT NULL,
            of_parent TEXT, to_source TEXT NOT NULL, to_resource TEXT NOT NULL, to_id TEXT NOT NULL, to_parent TEXT,
            said {bytes} NOT NULL, brought {bytes} NOT NULL, PRIMARY KEY (rule, of_source, of_resource, of_id))""",
        "CREATE INDEX rule_links_of ON rule_links (of_source, of_resource, of_id)",
        "CREATE INDEX rule_links_to ON rule_links (to_source, to_resource, to_id)",
        """CREATE TABLE rule_marks (
            rule TEXT PRIMARY KEY NOT NULL, digest TEXT NOT NULL, since BIGINT, began BIGINT, standing {bytes},
            clean BOOLEAN NOT NULL)""",
    ),
    # Whoever appends takes the one row of `audit_head` first, so that over all workers there is one chain.
    (
        """CREATE TABLE audit_entries (
            number BIGINT PRIMARY KEY NOT NULL, at BIGINT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
            outcome TEXT NOT NULL, source TEXT, resource TEXT, action TEXT, record TEXT, times BIGINT NOT NULL,
            hash TEXT NOT NULL)""",
        "CREATE INDEX audit_entries_record ON audit_entries (source, record)",
        "CREATE TABLE audit_head (id INTEGER PRIMARY KEY NOT NULL, number BIGINT NOT NULL, hash TEXT NOT NULL)",
        f"INSERT INTO audit_head VALUES (1, 0, '{'0' * 64}')",
    ),
    (
        "CREATE TABLE event_feeds (source TEXT PRIMARY KEY NOT NULL, last BIGINT NOT NULL)",
        """CREATE TABLE events (
            source TEXT NOT NULL, number BIGINT NOT NULL, delivery TEXT NOT NULL, type TEXT NOT NULL,
            at BIGINT NOT NULL, resource TEXT NOT NULL, record TEXT NOT NULL, gone BOOLEAN NOT NULL,
            sealed BOOLEAN NOT NULL, payload {bytes} NOT NULL, kept_at BIGINT NOT NULL,
            PRIMARY KEY (source, number))""",
        "CREATE UNIQUE INDEX events_delivery ON events (source, delivery)",
        "CREATE INDEX events_kept_at ON events (kept_at)",
    ),
    (
        """CREATE TABLE api_keys (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, mac {bytes} NOT NULL,
            created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT)""",
    ),
    (
        """CREATE TABLE tokens (
            source TEXT PRIMARY KEY NOT NULL, version BIGINT NOT NULL, account TEXT NOT NULL, access {bytes} NOT NULL,
            refresh {bytes}, renew_at BIGINT, ends_at BIGINT, refused TEXT,
            holder TEXT, lease_until BIGINT NOT NULL)""",
    ),
    ("CREATE TABLE ledgers (account TEXT PRIMARY KEY NOT NULL, ledger {bytes} NOT NULL)",),
)

_WORDS = {
    "postgresql": {"bytes": "BYTEA", "serial": "BIGSERIAL PRIMARY KEY"},
    "sqlite": {"bytes": "BLOB", "serial": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"},
}


async def migrated(connection: AsyncConnection, to: int) -> None:
    """Make the tables that a program with so many migrations made."""
    await connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)"))
    for number, statements in enumerate(MIGRATIONS[:to], start=1):
        for statement in statements:
            await connection.execute(text(statement.format(**_WORDS[connection.dialect.name])))
        await connection.execute(text("INSERT INTO schema_version VALUES (:version)"), {"version": number})

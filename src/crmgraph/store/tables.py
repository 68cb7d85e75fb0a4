"""Our own state as tables."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from crmgraph.store import replica_tables as replica
from crmgraph.store.base import COUNTED, Instant, metadata

__all__ = ["Instant", "metadata", "replica"]

intents = Table(
    "intents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("caller", Text, nullable=False),
    Column("mutation", Text, nullable=False),
    Column("input", LargeBinary, nullable=False),
    Column("key", Text),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("holder", Text),
    Column("lease_until", Instant, nullable=False),
    Index("intents_settled_at", "settled_at", "lease_until"),
)

steps = Table(
    "steps",
    metadata,
    Column("intent", Text, ForeignKey("intents.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text),
    Column("clue", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("record", Text),
    Column("reason", Text),
    Column("told", LargeBinary),
    Column("changed_at", Instant, nullable=False),
    Index("steps_state", "state"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("intent", Text),
    Column("payload", LargeBinary),
    Column("expires_at", Instant, nullable=False),
    Column("holder", Text),
    Column("lease_until", Instant, nullable=False),
    Index("idempotency_expires_at", "expires_at"),
)

locks = Table(
    "locks",
    metadata,
    Column("source", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("holder", Text),
    Column("lease_until", Instant, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("number", COUNTED, primary_key=True),
    Column("worker", Text, nullable=False),
    Column("notice", LargeBinary, nullable=False),
    Column("told_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

imports = Table(
    "imports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("caller", Text, nullable=False),
    Column("plan", LargeBinary, nullable=False),
    Column("total", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("holder", Text),
    Column("lease_until", Instant, nullable=False),
    Index("imports_state", "state", "lease_until"),
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", Text, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("row", LargeBinary, nullable=False),
)

import_parts = Table(
    "import_parts",
    metadata,
    Column("import_id", Text, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("intent", Text),
    Column("outcome", Text, nullable=False),
    Column("results", LargeBinary),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("source", Text),
    Column("resource", Text),
    Column("action", Text),
    Column("record", Text),
    Column("times", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_entries_record", "source", "record"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

event_feeds = Table(
    "event_feeds",
    metadata,
    Column("source", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("source", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("delivery", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("resource", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Index("events_delivery", "source", "delivery", unique=True),
    Index("events_kept_at", "kept_at"),
)

rule_links = Table(
    "rule_links",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("of_source", Text, primary_key=True),
    Column("of_resource", Text, primary_key=True),
    Column("of_id", Text, primary_key=True),
    Column("of_parent", Text),
    Column("to_source", Text, nullable=False),
    Column("to_resource", Text, nullable=False),
    Column("to_id", Text, nullable=False),
    Column("to_parent", Text),
    Column("said", LargeBinary, nullable=False),
    Column("brought", LargeBinary, nullable=False),
    Index("rule_links_of", "of_source", "of_resource", "of_id"),
    Index("rule_links_to", "to_source", "to_resource", "to_id"),
)

rule_marks = Table(
    "rule_marks",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("since", Instant),
    Column("began", Instant),
    Column("standing", LargeBinary),
    Column("clean", Boolean, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)

tokens = Table(
    "tokens",
    metadata,
    Column("source", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("access", LargeBinary, nullable=False),
    Column("refresh", LargeBinary),
    Column("renew_at", Instant),
    Column("ends_at", Instant),
    Column("refused", Text),
    Column("holder", Text),
    Column("lease_until", Instant, nullable=False),
)

ledgers = Table(
    "ledgers",
    metadata,
    Column("account", Text, primary_key=True),
    Column("ledger", LargeBinary, nullable=False),
)

judgements = Table(
    "judgements",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("verdict", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("parent", Text),
    Column("to_source", Text),
    Column("to_resource", Text),
    Column("to_record", Text),
    Column("to_parent", Text),
    Column("field", Text),
    Column("undoes", BigInteger),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

judgement_head = Table(
    "judgement_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("erased", BigInteger, nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("merged_into", Text),
    Column("retired", BigInteger),
    Column("split_from", Text),
    Index("persons_id", "id", unique=True),
    Index("persons_merged_into", "merged_into"),
    Index("persons_split_from", "split_from"),
)

person_records = Table(
    "person_records",
    metadata,
    Column("source", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("parent", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Index("person_records_person", "person"),
)

person_former = Table(
    "person_former",
    metadata,
    Column("person", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("record", Text, primary_key=True),
    Column("parent", Text, primary_key=True),
)

person_head = Table(
    "person_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("retired", BigInteger, nullable=False),
)

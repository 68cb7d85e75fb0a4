"""The replica as tables: what is known of every record, its JSON apart, and contacts as columns to compare.

What is searched through is kept narrow, so that to look at all of it is a matter of milliseconds: JSON lies in a table
of its own, contacts lie together by source, and every column that is compared has an index that holds nothing else.
The custom values of a person lie together, too: whoever has come to the person has come to them.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
)

from crmgraph.domain.columns import LINKS, LISTS, OPTIONS, TEXTS, TIMES
from crmgraph.store.base import COUNTED, Instant, metadata

Ordered = Text().with_variant(Text(collation="C"), "postgresql")
"""A text in the order of its code points, as we order texts, whatever language the database was made for."""

OTHERS = ("birth_date", "blocked", "cut")

INDEXED = (*TEXTS.values(), *LINKS.values(), *(name for name in LISTS if name != "custom_keys"))
"""The columns of texts that have an index: they hold no text that is longer than an index takes."""

records = Table(
    "replica_records",
    metadata,
    Column("id", COUNTED, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("parent", Text),
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("gone_at", Instant),
    Index("replica_records_ref", "source", "resource", "record", unique=True),
    Index("replica_records_gone_at", "gone_at"),
)

raws = Table(
    "replica_raws",
    metadata,
    Column("id", COUNTED, ForeignKey("replica_records.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
    Column("sealed", Boolean, nullable=False),
)

contacts = Table(
    "replica_contacts",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", COUNTED, ForeignKey("replica_records.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("created_at", Instant),
    Column("updated_at", Instant),
    Column("birth_date", Ordered),
    Column("blocked", Boolean),
    *(Column(name, Ordered) for name in TEXTS.values()),
    *(Column(name, Ordered) for name in LINKS.values()),
    *(Column(name, Ordered) for name in LISTS),
    Column("cut", Boolean, nullable=False, server_default=false()),
    Column(OPTIONS, Ordered),
    *(Index(f"replica_contacts_{name}", "source", name, "id") for name in (*TIMES.values(), *OTHERS, *INDEXED)),
    Index("replica_contacts_id", "id"),
    sqlite_with_rowid=False,
)

customs = Table(
    "replica_customs",
    metadata,
    Column("source", Text, nullable=False),
    Column("key", Text),
    Column("id", COUNTED, ForeignKey("replica_records.id", ondelete="CASCADE"), autoincrement=False),
    Column("number", Integer, autoincrement=False),
    Column("text", Ordered),
    Column("amount", Double),
    Column("instant", Instant),
    Column("day", Ordered),
    Column("long", Ordered),
    PrimaryKeyConstraint("id", "key", "number"),
    Index("replica_customs_value", "source", "key", "text", "amount", "instant", "day", "id"),
    sqlite_with_rowid=False,
)

for column in (customs.c.amount, customs.c.instant, customs.c.day):
    there = column.is_not(None)
    parts = (customs.c.source, customs.c.key, column, customs.c.id)
    Index(f"replica_customs_{column.name}", *parts, sqlite_where=there, postgresql_where=there)

keys = Table(
    "replica_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("id", COUNTED, ForeignKey("replica_records.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Index("replica_keys_id", "id"),
    sqlite_with_rowid=False,
)

states = Table(
    "replica_states",
    metadata,
    Column("source", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("full_since", Instant),
    Column("changed_since", Instant),
    Column("under_way", LargeBinary),
)

secrets = Table(
    "replica_secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

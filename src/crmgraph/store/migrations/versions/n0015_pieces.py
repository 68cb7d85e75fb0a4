"""Indexes of custom numbers and times in their order, and one of every piece of three letters in what is compared of
people, where the database can keep one.

SQLite does with its FTS5 from 3.34 on; PostgreSQL with its extension `pg_trgm`, which some servers lack and some allow
nobody to switch on. Without it, whoever asks for a part of a text has a whole index gone through, as before.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0015"
down_revision = "0014"

_TEXTS = (
    "full_name",
    "given_name",
    "family_name",
    "company_name",
    "job_title",
    "lead_source",
    "lifecycle_stage",
    "website",
    "timezone",
)
_LISTS = ("emails", "phones", "tags")
_NAMES = ", ".join((*_TEXTS, *_LISTS, "customs"))


def upgrade(op: Operations) -> None:
    for name in ("amount", "instant", "day"):
        there = sa.column(name).is_not(None)
        index, columns = f"replica_customs_{name}", ["source", "key", name, "id"]
        op.create_index(index, "replica_customs", columns, sqlite_where=there, postgresql_where=there)
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            for one in _sqlite() if connection.dialect.name == "sqlite" else _postgresql():
                connection.execute(sa.text(one))
    except sa.exc.DBAPIError:  # It is quicker with the index, and right without.
        return


def _sqlite() -> list[str]:
    """Texts stand between line ends there as elements of lists do, with another one behind: then to begin so is to
    contain a piece, and every letter is the beginning of one. Whoever writes people keeps the index too: triggers would
    do so row by row, which takes six times as long.
    """
    # Between two of them no piece tells which of the custom values comes first: that is not certain.
    each = "char(10) || char(10) || coalesce(text, long) || char(10) || char(10)"
    customs = f"(SELECT group_concat({each}, '') FROM replica_customs WHERE replica_customs.id = replica_contacts.id)"
    texts = (f"char(10) || {name} || char(10) || char(10)" for name in _TEXTS)
    held = ", ".join((*texts, *(f"{name} || char(10)" for name in _LISTS), customs))
    options = "content='replica_between', content_rowid='id', detail=column, tokenize='trigram case_sensitive 1'"
    return [
        f"CREATE VIEW replica_between (id, {_NAMES}) AS SELECT id, {held} FROM replica_contacts",
        f"CREATE VIRTUAL TABLE replica_pieces USING fts5({_NAMES}, {options})",
        "CREATE VIRTUAL TABLE replica_pieces_known USING fts5vocab('replica_pieces', 'row')",
        "INSERT INTO replica_pieces (replica_pieces) VALUES ('rebuild')",
    ]


def _postgresql() -> list[str]:
    columns = ", ".join(f"{name} gin_trgm_ops" for name in (*_TEXTS, *_LISTS))
    # What is not sorted in yet stays a short list: each question goes through it.
    options = "gin_pending_list_limit = 512"
    return [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        f"CREATE INDEX replica_contacts_pieces ON replica_contacts USING gin ({columns}) WITH ({options})",
        f"CREATE INDEX replica_customs_pieces ON replica_customs USING gin (text gin_trgm_ops) WITH ({options})",
    ]

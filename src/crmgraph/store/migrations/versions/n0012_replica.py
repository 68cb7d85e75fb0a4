"""The replica: what the sources hold, contacts as columns, and how far each list was read."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0012"
down_revision = "0011"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_LISTS = ("emails", "phones", "tags", "custom_keys")
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
    "company",
    "owner",
)


def upgrade(op: Operations) -> None:
    _records(op)
    _contacts(op)
    op.create_table(
        "replica_states",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("resource", sa.Text(), primary_key=True),
        sa.Column("full_since", sa.BigInteger()),
        sa.Column("changed_since", sa.BigInteger()),
        sa.Column("under_way", sa.LargeBinary()),
    )
    op.create_table(
        "replica_secrets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )


def _records(op: Operations) -> None:
    op.create_table(
        "replica_records",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger()),
    )
    op.create_index("replica_records_ref", "replica_records", ["source", "resource", "record"], unique=True)
    op.create_index("replica_records_gone_at", "replica_records", ["gone_at"])
    op.create_table(
        "replica_raws",
        _of_record(),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
    )


def _contacts(op: Operations) -> None:
    op.create_table(
        "replica_contacts",
        sa.Column("source", sa.Text(), primary_key=True),
        _of_record(),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("updated_at", sa.BigInteger()),
        sa.Column("birth_date", _ORDERED),
        sa.Column("blocked", sa.Boolean()),
        *(sa.Column(name, _ORDERED) for name in (*_TEXTS, *_LISTS)),
        sqlite_with_rowid=False,
    )
    for name in ("created_at", "updated_at", "given_name", "family_name"):
        op.create_index(f"replica_contacts_{name}", "replica_contacts", ["source", name, "id"])
    op.create_index("replica_contacts_id", "replica_contacts", ["id"])
    op.create_table(
        "replica_customs",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        _of_record(),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("text", _ORDERED),
        sa.Column("amount", sa.Double()),
        sa.Column("instant", sa.BigInteger()),
        sa.Column("day", _ORDERED),
        sqlite_with_rowid=False,
    )
    op.create_index("replica_customs_id", "replica_customs", ["id"])
    op.create_table(
        "replica_keys",
        sa.Column("key", sa.Text(), primary_key=True),
        _of_record(),
        sqlite_with_rowid=False,
    )
    op.create_index("replica_keys_id", "replica_keys", ["id"])


def _of_record() -> "sa.Column[int]":
    """The record that a row belongs to, with which it goes."""
    whose = sa.ForeignKey("replica_records.id", ondelete="CASCADE")
    return sa.Column("id", _NUMBER, whose, primary_key=True, autoincrement=False)

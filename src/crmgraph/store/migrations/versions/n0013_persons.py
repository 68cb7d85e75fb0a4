"""Which person each record belongs to: refs and ids alone.

Whoever changes it takes the one row of `person_head` first, which counts persons and the times that ids were retired.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0013"
down_revision = "0012"


def upgrade(op: Operations) -> None:
    op.create_table(
        "persons",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Text()),
        sa.Column("retired", sa.BigInteger()),
        sa.Column("split_from", sa.Text()),
    )
    op.create_index("persons_id", "persons", ["id"], unique=True)
    op.create_index("persons_merged_into", "persons", ["merged_into"])
    op.create_index("persons_split_from", "persons", ["split_from"])
    op.create_table(
        "person_records",
        *_ref(),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "resource", "record", "parent"),
    )
    op.create_index("person_records_person", "person_records", ["person"])
    op.create_table(
        "person_former",
        sa.Column("person", sa.Text(), nullable=False),
        *_ref(),
        sa.PrimaryKeyConstraint("person", "source", "resource", "record", "parent"),
    )
    head = op.create_table(
        "person_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "retired": 0}])


def _ref() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in ("source", "resource", "record", "parent")]

"""What people decide about identity.

Whoever says something takes the one row of `judgement_head` first, so that numbers have no gaps and come to be known in
their order. It counts how often something was erased, too, so that everybody else reads anew what they remember.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0011"
down_revision = "0010"


def upgrade(op: Operations) -> None:
    op.create_table(
        "judgements",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("to_source", sa.Text()),
        sa.Column("to_resource", sa.Text()),
        sa.Column("to_record", sa.Text()),
        sa.Column("to_parent", sa.Text()),
        sa.Column("field", sa.Text()),
        sa.Column("undoes", sa.BigInteger()),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
    )
    head = op.create_table(
        "judgement_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("erased", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "erased": 0}])

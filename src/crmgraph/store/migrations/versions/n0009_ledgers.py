"""What is lent and used of an account's rates."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0009"
down_revision = "0008"


def upgrade(op: Operations) -> None:
    op.create_table(
        "ledgers",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("ledger", sa.LargeBinary(), nullable=False),
    )

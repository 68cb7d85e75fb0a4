"""What CRMs gave us by OAuth."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0008"
down_revision = "0007"


def upgrade(op: Operations) -> None:
    op.create_table(
        "tokens",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("access", sa.LargeBinary(), nullable=False),
        sa.Column("refresh", sa.LargeBinary()),
        sa.Column("renew_at", sa.BigInteger()),
        sa.Column("ends_at", sa.BigInteger()),
        sa.Column("refused", sa.Text()),
        sa.Column("holder", sa.Text()),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
    )

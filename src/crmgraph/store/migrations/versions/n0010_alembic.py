"""The store is Alembic's from here on.

Programs from before it look for their number in `schema_version`. They find one there that is newer than themselves,
and leave the store alone.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0010"
down_revision = "0009"


def upgrade(op: Operations) -> None:
    versions = op.create_table("schema_version", sa.Column("version", sa.Integer(), nullable=False), if_not_exists=True)
    op.bulk_insert(versions, [{"version": 10}])

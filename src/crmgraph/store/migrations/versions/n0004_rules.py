"""What rules between CRMs have linked and said."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    op.create_table(
        "rule_links",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("of_source", sa.Text(), nullable=False),
        sa.Column("of_resource", sa.Text(), nullable=False),
        sa.Column("of_id", sa.Text(), nullable=False),
        sa.Column("of_parent", sa.Text()),
        sa.Column("to_source", sa.Text(), nullable=False),
        sa.Column("to_resource", sa.Text(), nullable=False),
        sa.Column("to_id", sa.Text(), nullable=False),
        sa.Column("to_parent", sa.Text()),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("brought", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "of_source", "of_resource", "of_id"),
    )
    op.create_index("rule_links_of", "rule_links", ["of_source", "of_resource", "of_id"])
    op.create_index("rule_links_to", "rule_links", ["to_source", "to_resource", "to_id"])
    op.create_table(
        "rule_marks",
        sa.Column("rule", sa.Text(), primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("began", sa.BigInteger()),
        sa.Column("standing", sa.LargeBinary()),
        sa.Column("clean", sa.Boolean(), nullable=False),
    )

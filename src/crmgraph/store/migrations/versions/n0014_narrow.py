"""An index for each column of the replica's people that is compared, which holds nothing else.

An index takes no long text: of such only the beginning stays in its column, and the person is marked; one of a custom
field has a column of its own.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0014"
down_revision = "0013"

_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_LONGEST = 500
"""Characters that surely fit."""

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
    "emails",
    "phones",
    "tags",
)
_HAD = ("given_name", "family_name")


def upgrade(op: Operations) -> None:
    op.add_column("replica_contacts", sa.Column("cut", sa.Boolean(), nullable=False, server_default=sa.false()))
    contacts = sa.table("replica_contacts", sa.column("cut"), *map(sa.column, _TEXTS))
    for column in map(contacts.c.__getitem__, _TEXTS):
        cut = {column.name: sa.func.substr(column, 1, _LONGEST), "cut": sa.true()}
        op.execute(sa.update(contacts).where(sa.func.length(column) > _LONGEST).values(cut))
    op.add_column("replica_customs", sa.Column("long", _ORDERED))
    customs = sa.table("replica_customs", sa.column("text"), sa.column("long"))
    moved = {"long": customs.c.text, "text": sa.null()}
    op.execute(sa.update(customs).where(sa.func.length(customs.c.text) > _LONGEST).values(moved))
    for name in ("birth_date", "blocked", "cut", *_TEXTS):
        if name not in _HAD:
            op.create_index(f"replica_contacts_{name}", "replica_contacts", ["source", name, "id"])
    values = ["source", "key", "text", "amount", "instant", "day", "id"]
    op.create_index("replica_customs_value", "replica_customs", values)

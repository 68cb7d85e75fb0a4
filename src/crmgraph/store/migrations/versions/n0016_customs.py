"""A person's custom values lie together, in the order of the person and not of the field: whoever comes to a row finds
all of them in one place, and no other index of ids is needed. What goes by the field has indexes of its own.
"""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0016"
down_revision = "0015"

_ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_VALUES = ["source", "key", "text", "amount", "instant", "day", "id"]
_KEY = ("id", "key", "number")


def upgrade(op: Operations) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _copied(op)
        return
    op.execute(sa.text("ALTER TABLE replica_customs DROP CONSTRAINT replica_customs_pkey"))
    op.execute(sa.text(f"ALTER TABLE replica_customs ADD PRIMARY KEY ({', '.join(_KEY)})"))
    op.drop_index("replica_customs_id", "replica_customs")


def _copied(op: Operations) -> None:
    """SQLite keeps rows in the order of their key, so all of them move; what reads them by name is put aside."""
    master = sa.table("sqlite_master", *map(sa.column, ("type", "name", "sql")))
    views = sa.select(master.c.sql).where(master.c.type == "view", master.c.name == "replica_between")
    between = op.get_bind().execute(views).scalar_one_or_none()
    if between is not None:
        op.execute(sa.text("DROP VIEW replica_between"))
    made = _table(op)
    held = sa.table("replica_customs", *(sa.column(one.name) for one in made.columns))
    rows = sa.select(held).order_by(*map(held.c.__getitem__, _KEY))
    op.execute(sa.insert(made).from_select(list(held.columns), rows))
    op.drop_table("replica_customs")
    op.rename_table(made.name, "replica_customs")
    op.create_index("replica_customs_value", "replica_customs", _VALUES)
    for name in ("amount", "instant", "day"):
        there = sa.column(name).is_not(None)
        op.create_index(f"replica_customs_{name}", "replica_customs", ["source", "key", name, "id"], sqlite_where=there)
    if between is not None:
        op.get_bind().exec_driver_sql(between)


def _table(op: Operations) -> sa.Table:
    return op.create_table(
        "replica_customs_by_person",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), _whose()),
        sa.Column("number", sa.Integer(), autoincrement=False),
        sa.Column("text", _ORDERED),
        sa.Column("amount", sa.Double()),
        sa.Column("instant", sa.BigInteger()),
        sa.Column("day", _ORDERED),
        sa.Column("long", _ORDERED),
        sa.PrimaryKeyConstraint(*_KEY),
        sqlite_with_rowid=False,
    )


def _whose() -> sa.ForeignKey:
    return sa.ForeignKey("replica_records.id", ondelete="CASCADE")

"""Applying the revisions that a store lacks."""

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from crmgraph.store.migrations.standing import TABLE


def upgrade(connection: Connection, number: int, to: str = "head") -> None:
    """Apply every revision behind `number`, within the connection's transaction.

    Alembic's usual commands keep the one migration of a process in module variables. Here each revision is handed what
    it works with, so that two stores may be migrated at once.
    """
    scripts = ScriptDirectory(str(Path(__file__).parent))
    context = MigrationContext.configure(connection, opts={"version_table": TABLE})
    operations = Operations(context)
    behind = revision(number)
    if behind is not None:
        context.stamp(scripts, behind)
    for script in reversed(list(scripts.iterate_revisions(to, behind))):
        script.module.upgrade(operations)
        context.stamp(scripts, script.revision)


def revision(number: int) -> str | None:
    """Alembic's name of a revision; None before the first."""
    return f"{number:04}" if number else None

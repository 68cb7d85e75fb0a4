"""The revisions, one file each. Alembic reads them as files; they import nothing of the program, which may change."""

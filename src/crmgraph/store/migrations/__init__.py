"""How the tables came to be: revisions that Alembic applies, each once, in order.

A revision is never edited once it was released. A change of the tables is a new file at the end of `versions`, with the
next number, and `HEAD` in `standing` is raised to it. There is no `alembic.ini` and no `env.py`: a store is brought up
to date by the program that opens it.
"""

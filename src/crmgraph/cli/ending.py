"""How a verb speaks and ends: data to standard output, sentences to standard error, an exit code that says whose turn
it is.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

from crmgraph.domain.errors import ConfigError, CrmGraphError, DefinitionError, SourceError


class Code(IntEnum):
    """What an exit code says."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UPSTREAM = 3
    INTERRUPTED = 130


def code_of(error: CrmGraphError) -> Code:
    """Whose turn it is."""
    if isinstance(error, SourceError):
        return Code.UPSTREAM
    return Code.FINDINGS if isinstance(error, ConfigError | DefinitionError) else Code.USAGE


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of ours into its sentence and exit code; an interruption ends quietly."""
    try:
        yield
    except CrmGraphError as error:
        say(error.message)
        end(code_of(error))
    except KeyboardInterrupt:
        end(Code.INTERRUPTED)


def give(data: str) -> None:
    """Data: standard output. Whoever reads it may stop early, as `head` does; then there is nothing left to do."""
    try:
        print(data, flush=True)
    except BrokenPipeError:
        # What is still in the buffer must not be flushed into the closed pipe when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        end(Code.OK)


def say(sentence: str) -> None:
    """Talk: standard error, so that data stays alone on standard output."""
    print(sentence, file=sys.stderr, flush=True)


def end(code: Code) -> NoReturn:
    """End with a code."""
    sys.exit(int(code))

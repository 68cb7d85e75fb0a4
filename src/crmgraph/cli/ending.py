"""How a verb ends: our errors as sentences on standard error, with the exit code that says whose turn it is."""

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
        sys.exit(code_of(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left in the buffer must not be flushed into the void.
        sys.stdout = None  # type: ignore[assignment]
        sys.exit(Code.OK)


def say(sentence: str) -> None:
    """Talk: standard error, so that data stays alone on standard output."""
    print(sentence, file=sys.stderr)


def end(code: Code) -> NoReturn:
    """End with a code."""
    sys.exit(code)

"""Why no answer came, in words for people: none of them is the CRM's or a library's."""

import socket
import ssl
from collections.abc import Iterator

from crmgraph.sources.addresses import PrivateAddress
from crmgraph.sources.transport import NoAnswer

_WHY: tuple[tuple[type[Exception], str], ...] = (
    (PrivateAddress, "its name leads to a private address; set `allow_private: true` for the source if that is meant"),
    (ssl.SSLCertVerificationError, "its certificate is not valid"),
    (ssl.SSLError, "no secure connection could be made"),
    (ConnectionRefusedError, "connection refused"),
    (socket.gaierror, "its name is not known"),
    (UnicodeError, "its name is not valid"),
)


def unsendable() -> NoAnswer:
    """A header that would end before its end, or hold a second one."""
    return NoAnswer("cannot be called: a setting or a value does not fit into a header", sent=False)


def unreached(error: BaseException) -> NoAnswer:
    """No connection, because of `error` or what led to it."""
    causes = tuple(_causes(error))
    found = (why for sort, why in _WHY if any(isinstance(cause, sort) for cause in causes))
    return NoAnswer(f"cannot be reached: {next(found, 'no connection could be made')}", sent=False)


def not_connected_in_time(seconds: float) -> NoAnswer:
    """No connection within the `seconds` there are for one."""
    return NoAnswer(f"cannot be reached: no connection within {seconds:g} s", sent=False)


def not_answered_in_time(timeout: float, sent: bool = True) -> NoAnswer:
    """No whole answer within the `timeout`."""
    return NoAnswer(f"did not answer within {timeout:g} s", sent)


def closed(sent: bool = True) -> NoAnswer:
    """The connection was closed, or what came was no HTTP."""
    return NoAnswer("closed the connection without an HTTP answer", sent)


def reset() -> NoAnswer:
    """The connection broke."""
    return NoAnswer("broke off the connection before it answered")


def cut() -> NoAnswer:
    """The answer has begun and has no end."""
    return NoAnswer("broke off in the middle of its answer")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it; of several attempts the first speaks for all."""
    while error is not None:
        yield error
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error.__context__

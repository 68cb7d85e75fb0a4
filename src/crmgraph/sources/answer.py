"""An answer as it comes in over a connection, read by llhttp. This is the only file that knows httptools."""

import asyncio
from collections.abc import Callable

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from crmgraph.connectors.exchange import Reply
from crmgraph.sources.body import Body
from crmgraph.sources.failures import closed, cut, reset
from crmgraph.sources.transport import NoAnswer, TooLarge

WRAPPING = 100_000
"""The most bytes of an answer that are no body, beside those that wrap its chunks."""

_PER_BYTE = 8
"""The most bytes that may wrap one byte of the body; a chunk of a single byte needs five."""


class Answer:
    """One answer: `done` becomes the reply, or NoAnswer or TooLarge.

    `reusable` says whether the connection may carry another call afterwards.
    """

    def __init__(self, done: asyncio.Future[Reply], largest: int) -> None:
        self.reusable = False
        self._done = done
        self._largest = largest
        self._headers: dict[str, str] = {}
        self._body: Body | None = None
        self._received = 0
        self._status = 0
        self._parser: HttpResponseParser | None = _parser(self)

    def feed(self, data: bytes) -> None:
        """Read what came."""
        self._received += len(data)
        if self._parser is None:
            self.reusable = False  # It goes on after its end.
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._break_off(self._unless_begun(closed()))
        body = 0 if self._body is None else self._body.received
        if self._received - body > WRAPPING + _PER_BYTE * body:
            self._break_off(self._unless_begun(closed()))

    def end(self, error: Exception | None) -> None:
        """Nothing comes any more: the connection was closed or, with an error, broken."""
        if error is None and self._ends_with_the_connection():
            self._guarded(self._finish)
        else:
            self._break_off(self._unless_begun(closed() if error is None else reset()))
        self.reusable = False

    def _ends_with_the_connection(self) -> bool:
        """An answer that tells no length."""
        return self._body is not None and not {"content-length", "transfer-encoding"} & set(self._headers)

    def on_message_begin(self) -> None:
        """What follows an answer that is no interim one was asked for by nobody."""
        self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or behind the body a trailer, which says nothing to us."""
        if self._body is None:
            key, text = name.decode("latin-1").lower(), _text(value.strip())
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if self._parser is not None and self._body is None:
            self._status = self._parser.get_status_code()
            if self._status < 200:
                self._headers = {}
            else:
                self._guarded(self._begin)

    def on_body(self, part: bytes) -> None:
        if self._body is not None and self._parser is not None:
            self._guarded(self._body.feed, part)

    def on_message_complete(self) -> None:
        if self._body is not None and self._parser is not None:
            self.reusable = self._parser.should_keep_alive()
            self._guarded(self._finish)

    def _begin(self) -> None:
        self._body = Body(self._headers, self._largest)

    def _finish(self) -> None:
        assert self._body is not None
        reply = Reply(self._status, self._headers, self._body.whole())
        self._parser = None  # The two know each other; so neither has to wait for the collector of rubbish.
        if not self._done.done():
            self._done.set_result(reply)

    def _guarded(self, step: Callable[..., None], *given: bytes) -> None:
        """The parser would wrap what is raised here."""
        try:
            step(*given)
        except (NoAnswer, TooLarge) as error:
            self._break_off(error)

    def _break_off(self, error: Exception) -> None:
        self.reusable = False
        self._parser = None
        if not self._done.done():
            self._done.set_exception(error)

    def _unless_begun(self, failure: NoAnswer) -> NoAnswer:
        return failure if self._body is None else cut()


def _parser(heard: Answer) -> HttpResponseParser:
    """What it leaves undone is harmless to one who passes no message on, and there are servers that need it."""
    parser = HttpResponseParser(heard)
    parser.set_dangerous_leniencies(
        lenient_headers=True,
        lenient_chunked_length=True,
        lenient_data_after_close=True,
        lenient_optional_cr_before_lf=True,
        lenient_spaces_after_chunk_size=True,
    )
    return parser


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")

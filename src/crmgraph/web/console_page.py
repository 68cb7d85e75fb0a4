"""The console: GraphiQL from this package's own files. The page asks no other host for anything."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from crmgraph.web.coding import coding
from crmgraph.web.encoding import to_json
from crmgraph.web.headers import headers_of

FILES = Path(__file__).with_name("console")

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}

# GraphiQL holds its fonts and small pictures in its style sheet, and its dialogs add a style element when they open.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS = {
    # Asked for again each time and answered with 304: an upgrade is never half seen.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A tab of the console, labelled with the operation's name; `title` stands above the query as a comment."""

    title: str
    query: str
    variables: Mapping[str, Any] | None = None


class StaticFile:
    """Bytes with a content type; compressed once, when first asked for."""

    def __init__(self, content: bytes, content_type: str) -> None:
        self._content = content
        self._content_type = content_type
        self._etag = f'W/"{sha256(content).hexdigest()[:32]}"'

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self._content, 6, mtime=0)

    async def endpoint(self, request: Request) -> Response:
        """The file; 304 when the browser has it, gzip when it takes that."""
        headers = HEADERS | {"ETag": self._etag}
        if self._etag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        wanted = coding(headers_of(request.scope).get(b"accept-encoding", b""))
        if wanted is not None and wanted.packs(len(self._content)):
            headers["Content-Encoding"] = "gzip"
            return Response(self._compressed, 200, headers, self._content_type)
        return Response(self._content, 200, headers, self._content_type)


def add_console(app: Starlette, examples: Sequence[Example]) -> None:
    """Adds the page at `/` and its files below `/console/`; whatever else is asked for there is a 404."""
    contents = {path.name: path.read_bytes() for path in sorted(FILES.iterdir()) if path.suffix in TYPES}
    contents["examples.json"] = to_json([_tab(example) for example in examples])
    for name, content in contents.items():
        file = StaticFile(content, TYPES[Path(name).suffix])
        app.add_route("/" if name == "index.html" else f"/console/{name}", file.endpoint)


def _tab(example: Example) -> dict[str, Any]:
    return {"title": example.title, "query": example.query, "variables": example.variables}

"""Documents that are asked for by an id or a hash instead of their text.

Trusted documents are known from the start. Automatic persisted queries are remembered once somebody has sent the text
with its hash, as Apollo's clients do: first the hash alone, then, told that it is unknown, both.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from cachetools import LRUCache

from crmgraph.service.trusted import Mode, hash_of
from crmgraph.web.graph import Question
from crmgraph.web.refusal import Refused

log = structlog.get_logger()

LETTERS = 1_000_000
"""How many letters of documents that somebody sent are remembered together."""

TOLD = 1_000
"""How many hashes of documents that are not trusted are remembered, so that each is logged once."""

_PREFIX = "sha256:"


class Persisted:
    """Texts by id, and what becomes of texts that are not among them."""

    def __init__(self, texts: Mapping[str, str] | None = None, mode: Mode = Mode.OFF, automatic: bool = True) -> None:
        self._texts = dict(texts or {})
        self._trusted = frozenset(text.strip() for text in self._texts.values())
        self._mode = mode
        self._automatic = automatic
        self._sent: LRUCache[str, str] = LRUCache(LETTERS, getsizeof=len)
        self._told: LRUCache[str, None] = LRUCache(TOLD)

    def text_of(self, question: Question, may_ask_anything: bool = False) -> str:
        """The document that a question means. Refused where it is not known, or not trusted."""
        asked = question.extensions.get("persistedQuery") if question.extensions else None
        if question.document_id is not None:
            text = self._by_id(question.document_id)
        elif asked is not None:
            text = self._by_hash(asked, question.query, may_ask_anything)
        else:
            text = question.query or ""
        if self._mode is not Mode.OFF and not may_ask_anything:
            self._look_at(text)
        return text

    def _by_id(self, ident: str) -> str:
        text = self._texts.get(ident.removeprefix(_PREFIX))
        if text is None:
            raise Refused(400, f"No document is known by the id `{ident[:100]}`; the operator adds documents.")
        return text

    def _by_hash(self, asked: Any, text: str | None, may_ask_anything: bool) -> str:
        digest = _digest(asked)
        if text is None:
            found = self._texts.get(digest) or (self._sent.get(digest) if self._automatic else None)
            if found is None:
                raise _not_found() if self._automatic else _not_supported()
            return found
        if hash_of(text) != digest:
            raise Refused(400, "The hash in `persistedQuery` is not the SHA-256 of `query`; send the right one.")
        is_welcome = may_ask_anything or self._mode is not Mode.ENFORCE
        if self._automatic and is_welcome and len(text) <= LETTERS:
            self._sent[digest] = text
        return text

    def _look_at(self, text: str) -> None:
        if text.strip() in self._trusted:
            return
        if self._mode is Mode.ENFORCE:
            raise Refused(400, "This server answers the documents that its operator trusts, and this is none of them.")
        digest = hash_of(text)
        if digest not in self._told:
            self._told[digest] = None
            log.warning("untrusted_document", sha256=digest)


def _digest(asked: Any) -> str:
    digest = asked.get("sha256Hash") if isinstance(asked, dict) and asked.get("version") == 1 else None
    if not isinstance(digest, str):
        raise Refused(400, 'The extension `persistedQuery` must be {"version": 1, "sha256Hash": "…"}.')
    return digest.lower()


# These two words and codes, told with a 200, are what Apollo's clients understand.


def _not_found() -> Refused:
    return Refused(200, "PersistedQueryNotFound", code="PERSISTED_QUERY_NOT_FOUND")


def _not_supported() -> Refused:
    return Refused(200, "PersistedQueryNotSupported", code="PERSISTED_QUERY_NOT_SUPPORTED")

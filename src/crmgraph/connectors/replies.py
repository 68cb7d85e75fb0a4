"""What a reply means: its JSON, nothing there, or one of our errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.paths import compile_path, first_of
from crmgraph.connectors.refusals import Refused, existing_in, reasons_in
from crmgraph.connectors.spec import CaseSpec, Paths, ReplySpec
from crmgraph.domain.errors import BadReply, Denied, SourceError, Throttled, Unavailable
from crmgraph.domain.masking import is_plain

_BY_MEANING: Mapping[str, type[SourceError]] = {
    "denied": Denied,
    "throttled": Throttled,
    "unavailable": Unavailable,
    "bad_reply": BadReply,
}


_MOST_DIGITS = 9
"""Of a wait in seconds: more of them are more than a lifetime."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judged reply: the body, or that the record is absent."""

    body: Any
    absent: bool = False


def judge(call: Call, reply: Reply, spec: ReplySpec) -> Verdict:
    """The JSON of a successful reply; `absent` where the record is not there; raises a SourceError otherwise."""
    body = _parsed(reply)
    if body is not _NOT_JSON and 200 <= reply.status < 300 and _is_ok(spec, body):
        return Verdict(body)
    if reply.status == 204:
        return Verdict(None)
    message = _message(spec.message, body)
    meaning = _meaning(spec.cases, reply.status, body, message) or _by_status(reply.status, body)
    if meaning == "absent":
        return Verdict(None, absent=True)
    if meaning != "rejected" and not is_plain(message):
        message = ""  # Who asks is to hear why a CRM refuses their values; what else it says may be about anybody.
    if meaning == "rejected":
        known = None if body is _NOT_JSON else body
        said = _sentence(meaning, call, reply, message)
        raise Refused(call.source, said, retry_after(reply), reasons_in(spec, known), existing_in(spec, known))
    raise _error(meaning, call, reply, message)


_NOT_JSON = object()


def _parsed(reply: Reply) -> Any:
    try:
        return reply.json()
    except orjson.JSONDecodeError:
        return _NOT_JSON


def _is_ok(spec: ReplySpec, body: Any) -> bool:
    return spec.ok is None or _at(spec.ok.path, body) in spec.ok.values


def _at(paths: Paths, body: Any) -> Any:
    return first_of([compile_path(path) for path in ([paths] if isinstance(paths, str) else paths)])(body)


def _message(paths: Paths, body: Any) -> str:
    """The CRM's own sentence, or several joined; empty where there is none."""
    found = None if body is _NOT_JSON else _at(paths, body)
    if isinstance(found, list):
        found = "; ".join(str(one.get("msg", one) if isinstance(one, dict) else one) for one in found)
    return str(found)[:300] if found and not isinstance(found, dict) else ""


def _meaning(cases: Sequence[CaseSpec], status: int, body: Any, message: str) -> str | None:
    for case in cases:
        wanted = [case.status] if isinstance(case.status, int) else case.status
        if wanted is not None and status not in wanted:
            continue
        said = message if case.path is None else _text_at(case.path, body)
        if said is not None and (case.contains is None or case.contains.lower() in said.lower()):
            return case.means
    return None


def _text_at(path: str, body: Any) -> str | None:
    found = None if body is _NOT_JSON else compile_path(path)(body)
    return None if found is None else str(found)


def _by_status(status: int, body: Any) -> str:
    """The meaning of a status that no case of the definition speaks of; 2xx comes here when it was no success."""
    if status in (401, 403, 407):
        return "denied"
    if status in (404, 410):
        return "absent"
    if status == 429:
        return "throttled"
    if status >= 500 or status == 408:
        return "unavailable"
    if 300 <= status < 400 or body is _NOT_JSON:
        return "bad_reply"
    return "rejected"


_SENTENCES: Mapping[str, str] = {
    "denied": "{source} refused our credentials",
    "rejected": "{source} refused the request",
    "throttled": "{source} asks us to slow down",
    "unavailable": "{source} is failing",
    "bad_reply": "{source} answered something that is no JSON reply of its API",
}


def _sentence(meaning: str, call: Call, reply: Reply, message: str) -> str:
    sentence = _SENTENCES[meaning].format(source=call.source)
    said = f": {message.rstrip('.')}" if message and meaning != "bad_reply" else ""
    return f"{sentence} (HTTP {reply.status}){said}."


def _error(meaning: str, call: Call, reply: Reply, message: str) -> SourceError:
    error = _BY_MEANING[meaning](call.source, _sentence(meaning, call, reply, message), retry_after(reply))
    if isinstance(error, Denied):
        # A 403 may be about this one thing; with a 401 no other call will be let in either.
        error.everywhere = reply.status == 401
    return error


def retry_after(reply: Reply, now: datetime | None = None) -> float | None:
    """Seconds to wait as `Retry-After` says, in either form; the date form needs the reply's own Date (or now)."""
    said = reply.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:_MOST_DIGITS])
    until, since = http_date(said), now or http_date(reply.headers.get("date", ""))
    return None if until is None or since is None else max(0.0, (until - since).total_seconds())


def http_date(text: str) -> datetime | None:
    """An HTTP date, None where it is none; without a zone it is in UTC."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

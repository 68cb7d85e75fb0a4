"""What one LeadConnector sub-account holds, as plain JSON values to change by hand, and its search index, which lags
behind.

A contact is kept with all its keys, null where it has no value; the views decide what an endpoint shows of it. Whoever
changes a raw record by hand calls `saved` so that the search index hears of it.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import phonenumbers

from crmgraph.demo.leadconnector_oauth import Tokens

Raw = dict[str, Any]
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_INDEX_SKEW = timedelta(milliseconds=4)


class Index:
    """Copies of records as the search sees them: each write appears `lag` after it was made."""

    def __init__(self, lag: float, clock: Callable[[], datetime]) -> None:
        self._lag = timedelta(seconds=lag)
        self._clock = clock
        self._shown: dict[str, Raw] = {}
        self._waiting: list[tuple[datetime, str, Raw | None]] = []

    def put(self, record_id: str, document: Raw | None, at_once: bool = False) -> None:
        """Show this copy of a record, or with None drop it, once the lag has passed."""
        due = self._clock() + (timedelta() if at_once else self._lag)
        self._waiting.append((due, record_id, deepcopy(document)))

    def documents(self) -> list[Raw]:
        """What the search sees now."""
        now = self._clock()
        ripe = [entry for entry in self._waiting if entry[0] <= now]
        self._waiting = [entry for entry in self._waiting if entry[0] > now]
        for _, record_id, document in ripe:
            self._shown.pop(record_id, None)
            if document is not None:
                self._shown[record_id] = document
        return list(self._shown.values())


class Account:
    """One sub-account (location) by kind and id; `location` holds its settings, `unknown_status` answers unknown
    contacts.
    """

    def __init__(
        self,
        location: Raw,
        tokens: Tokens,
        *,
        clock: Callable[[], datetime],
        index_lag: float,
        unknown_status: int = 400,
    ) -> None:
        self.location = location
        self.tokens = tokens
        self.unknown_status = unknown_status
        self.answered = 0
        self.contacts: dict[str, Raw] = {}
        self.tasks: dict[str, Raw] = {}
        self.notes: dict[str, Raw] = {}
        self.appointments: dict[str, Raw] = {}
        self.opportunities: dict[str, Raw] = {}
        self.businesses: dict[str, Raw] = {}
        self.users: dict[str, Raw] = {}
        self.pipelines: dict[str, Raw] = {}
        self.lost_reasons: dict[str, Raw] = {}
        self.calendars: dict[str, Raw] = {}
        self.tags: dict[str, Raw] = {}
        self.custom_fields: dict[str, Raw] = {}
        self.custom_values: dict[str, Raw] = {}
        self.contact_index = Index(index_lag, clock)
        self.opportunity_index = Index(index_lag, clock)
        self._clock = clock
        self._made = 0

    def now(self) -> datetime:
        return self._clock()

    def new_id(self, kind: str) -> str:
        """An id no record has yet, the same in every run."""
        self._made += 1
        return stable_id(kind, f"made-{self._made}")

    def saved(self, contact_id: str, at_once: bool = False) -> None:
        """Tell the search index how a contact is now, or that it is gone."""
        self.contact_index.put(contact_id, self.contacts.get(contact_id), at_once)

    def saved_opportunity(self, opportunity_id: str, at_once: bool = False) -> None:
        """Tell the search index how an opportunity is now, or that it is gone."""
        self.opportunity_index.put(opportunity_id, self.opportunities.get(opportunity_id), at_once)

    def touch(self, contact: Raw) -> None:
        """Say that a contact was changed just now."""
        contact["dateUpdated"] = iso_millis(self.now())
        self.saved(contact["id"])

    def name_tag(self, name: str) -> None:
        """Make sure the vocabulary has this tag."""
        if not any(tag["name"].casefold() == name.casefold() for tag in self.tags.values()):
            tag_id = stable_id("tag", name)
            self.tags[tag_id] = {"id": tag_id, "name": name, "locationId": self.location["id"]}


def stable_id(kind: str, key: object) -> str:
    """An id of 20 letters and digits, the same in every run."""
    rest = int.from_bytes(sha256(f"leadconnector/{kind}/{key}".encode()).digest(), "big")
    letters = []
    for _ in range(20):
        rest, letter = divmod(rest, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def object_id(kind: str, key: object) -> str:
    """A Mongo-like id of 24 hexadecimal digits, as businesses have."""
    return sha256(f"leadconnector/{kind}/{key}".encode()).hexdigest()[:24]


def stage_id(pipeline: str, stage: str) -> str:
    """A uuid, as stages have."""
    return str(uuid5(NAMESPACE_URL, f"leadconnector/stage/{pipeline}/{stage}"))


def iso_millis(instant: datetime) -> str:
    """An instant as the CRM spells it: UTC, milliseconds, Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def skewed(iso: str) -> str:
    """The same instant as the search index has it: a few milliseconds later."""
    return iso_millis(datetime.fromisoformat(iso) + _INDEX_SKEW)


def e164(raw: str, country: str) -> str:
    """A phone number as the CRM stores it: E.164, read with the country's rules; left alone where it is no number."""
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return raw.strip()
    if not number.national_number:
        return raw.strip()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

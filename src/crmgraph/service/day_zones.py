"""In which time zone somebody's day is, and who says so."""

from collections.abc import Iterator
from enum import StrEnum
from zoneinfo import ZoneInfo

from crmgraph.domain.errors import InputError
from crmgraph.domain.zones import zone_called
from crmgraph.service.entity import Entity
from crmgraph.service.session import Session


class ZoneOrigin(StrEnum):
    """Who says in which time zone a day is.

    ARGUMENT: the question; USER: what a CRM tells of the user; SOURCE: the setting `timezone` of one of their accounts;
    DEFAULT: nobody, so that it is UTC.
    """

    ARGUMENT = "ARGUMENT"
    USER = "USER"
    SOURCE = "SOURCE"
    DEFAULT = "DEFAULT"


def zone_given(name: str) -> ZoneInfo:
    """The zone that a question names; raises InputError where there is none of the name."""
    zone = zone_called(name)
    if zone is None:
        raise InputError(f"`{name[:80]}` is no time zone; write one like Europe/Berlin.")
    return zone


def zone_for(user: Entity, given: ZoneInfo | None, session: Session) -> tuple[ZoneInfo, ZoneOrigin]:
    """The zone of a user's day, as the first that knows it says."""
    if given is not None:
        return given, ZoneOrigin.ARGUMENT
    known = ((zone_called(name), origin) for name, origin in _told(user, session) if name)
    return next(((zone, origin) for zone, origin in known if zone is not None), (ZoneInfo("UTC"), ZoneOrigin.DEFAULT))


def _told(user: Entity, session: Session) -> Iterator[tuple[str | None, ZoneOrigin]]:
    for record in user.records:
        yield record.peek("timezone"), ZoneOrigin.USER
    for record in user.records:
        yield session.sources[record.ref.source].settings.get("timezone"), ZoneOrigin.SOURCE

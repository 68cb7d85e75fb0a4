"""What a write changes for everybody: told to the other workers, so that none of them goes on with what was."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import Profile, profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.service.reading import Gateway

EVERY = 0.5
"""Seconds after which a worker has heard what another one wrote."""

VOCABULARIES = frozenset({Kind.TAG, Kind.CUSTOM_FIELD, Kind.USER, Kind.PIPELINE, Kind.STAGE})
"""The kinds of which ids and names are remembered between requests."""

_log = structlog.get_logger("crmgraph.notices")


@dataclass(frozen=True, slots=True)
class Notice:
    """A record that was written: gone, or a contact with this profile; `vocabulary` where others look into its kind.

    Or a record that nobody wrote, of which something else is to be known: somebody `judged` it, or `people` are the ids
    of persons that have other records now.
    """

    ref: Ref
    vocabulary: bool = False
    gone: bool = False
    profile: Profile | None = None
    judged: bool = False
    people: tuple[str, ...] = ()

    @property
    def written(self) -> bool:
        """Whether the record itself was written."""
        return not self.judged and not self.people


class Notices(Protocol):
    """What the workers that share a store tell each other."""

    async def post(self, notices: Sequence[Notice]) -> None:
        """Tell the others; raises StoreUnavailable."""

    async def heard(self) -> Sequence[Notice]:
        """What the others told since this was last asked, the first time since this worker began."""


def notice_of(kind: Kind, ref: Ref, after: Record | None, gone: bool, region: str) -> Notice:
    """What the others must know of a record that was written."""
    profile = profile_of(after, region) if after is not None and kind is Kind.CONTACT else None
    return Notice(ref, kind in VOCABULARIES, gone, profile)


def heed(gateway: Gateway, notices: Sequence[Notice]) -> None:
    """Forget what is no longer so, and know what is."""
    for one in notices:
        if not one.written:
            continue
        if one.gone:
            gateway.index.forget(one.ref)
        elif one.profile is not None:
            gateway.index.learn([one.profile])
        for source in gateway.sources:
            if source.name == one.ref.source:
                source.forget(one.vocabulary)


async def hearing(
    gateway: Gateway, notices: Notices, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Heed what other workers tell, for ever; a store that fails is asked again, not as often."""
    while True:
        try:
            heed(gateway, await notices.heard())
            await sleep(EVERY)
        except CrmGraphError as error:
            _log.warning("other workers cannot be heard", error=error.for_logs)
            await sleep(30 * EVERY)

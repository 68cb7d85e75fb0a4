"""What is known so far of the people that one operation puts together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from crmgraph.domain.normalize import phone_line
from crmgraph.domain.profiles import Profile, keys
from crmgraph.domain.records import Record, Ref


@dataclass(slots=True)
class Closure:
    """Records read live, profiles (of those and from the index), keys already followed.

    `open` are the keys that were not looked up everywhere, `unread` the members that could not be read: whoever is
    connected to one of them may be more than what is known. A key that `is_crowded` connects nobody. `seen` are the
    records whose like the index was asked for.
    """

    is_crowded: Callable[[str], bool]
    records: dict[Ref, Record] = field(default_factory=dict)
    profiles: dict[Ref, Profile] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    unread: set[Ref] = field(default_factory=set)
    seen: set[Ref] = field(default_factory=set)

    def take(self, record: Record, profile: Profile) -> None:
        """A record that was read, as it is."""
        self.records[record.ref] = record
        self.profiles[record.ref] = profile

    def fresh_keys(self) -> list[str]:
        """The keys that were not followed yet."""
        found = {key for profile in self.profiles.values() for key in keys(profile)} - self.followed
        return sorted(found)

    def uncrowded(self, found: Iterable[str]) -> list[str]:
        """Those keys that few enough people share to join anybody."""
        return [key for key in found if not self.is_crowded(key)]

    def joining(self) -> frozenset[Profile]:
        """The profiles without what too many people share."""
        return frozenset(map(self.told_apart, self.profiles.values()))

    def told_apart(self, profile: Profile) -> Profile:
        """A profile without the mailboxes and lines that too many people share."""
        crowded = {key.partition(":")[2] for key in keys(profile) if self.is_crowded(key)}
        if not crowded:
            return profile
        lines = {phone_line(one) for one in crowded}
        return replace(
            profile,
            emails=tuple(one for one in profile.emails if one not in crowded),
            phones=tuple(one for one in profile.phones if one not in crowded),
            lines=tuple(one for one in profile.lines if one not in lines),
        )

    def unsettled(self, groups: Iterable[Sequence[Profile]]) -> set[Ref]:
        """The records that keys or groups connect, over however many others, to what could not be looked up."""
        if not self.unread and not self.open:
            return set()
        holders: defaultdict[str, list[Ref]] = defaultdict(list)
        for profile in self.profiles.values():
            for key in keys(profile):
                holders[key].append(profile.ref)
        together = {one.ref: group for group in groups for one in group if len(group) > 1}
        reached: set[Ref] = set()
        waiting = [*self.unread, *(ref for key in self.open for ref in holders[key])]
        while waiting:
            ref = waiting.pop()
            if ref not in reached:
                reached.add(ref)
                connecting = self.uncrowded(keys(self.profiles[ref])) if ref in self.profiles else ()
                waiting.extend(other for key in connecting for other in holders[key])
                waiting.extend(one.ref for one in together.get(ref, ()))
        return reached

"""What is known so far of the people that one operation puts together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from crmgraph.domain.profiles import Profile, keys
from crmgraph.domain.records import Record, Ref

Uncrowded = Callable[[Iterable[str]], Sequence[str]]
"""Which of some keys few enough people share to join anybody."""


@dataclass(slots=True)
class Closure:
    """Records read live, profiles (of those and from the index), keys already followed.

    `open` are the keys that were not looked up everywhere, `unread` the members that could not be read: whoever is
    connected to one of them may be more than what is known. `seen` are the records whose like the index was asked for.
    """

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

    def unsettled(self, groups: Iterable[Sequence[Profile]], uncrowded: Uncrowded) -> set[Ref]:
        """The records that keys, as far as they are `uncrowded`, or groups connect, over however many others, to what
        could not be looked up.
        """
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
                connecting = uncrowded(keys(self.profiles[ref])) if ref in self.profiles else ()
                waiting.extend(other for key in connecting for other in holders[key])
                waiting.extend(one.ref for one in together.get(ref, ()))
        return reached

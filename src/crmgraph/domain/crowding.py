"""What too many people share to be anybody's: a switchboard, a placeholder that nobody thought of. It joins nobody."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from crmgraph.domain.normalize import phone_line
from crmgraph.domain.profiles import Profile, keys


def crowded(profiles: Iterable[Profile], most: int) -> frozenset[str]:
    """The keys that more than `most` records of one source hold: so many share each, as far as a source tells."""
    held = Counter((key, profile.ref.source) for profile in profiles for key in keys(profile))
    return frozenset(key for (key, _), records in held.items() if records > most)


def told_apart(profiles: Sequence[Profile], most: int | None) -> Sequence[Profile]:
    """Everybody without the keys that more than `most` records of one source hold; None for any number."""
    many = crowded(profiles, most) if most is not None else frozenset[str]()
    return [without(one, many) for one in profiles] if many else profiles


def without(profile: Profile, many: Collection[str]) -> Profile:
    """A profile as if its record did not have these keys."""
    values = {key.partition(":")[2] for key in keys(profile) if key in many}
    if not values:
        return profile
    lines = {phone_line(one) for one in values}
    return replace(
        profile,
        emails=tuple(one for one in profile.emails if one not in values),
        phones=tuple(one for one in profile.phones if one not in values),
        lines=tuple(one for one in profile.lines if one not in lines),
    )

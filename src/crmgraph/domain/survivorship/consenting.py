"""The most restrictive consent: per channel a refusal wins over a permission, and one of everything over all."""

from collections.abc import Iterable, Sequence

from crmgraph.domain.model import Consent, ConsentState
from crmgraph.domain.survivorship.saying import Said


def strictest(held: Sequence[Said]) -> tuple[Consent, Said]:
    """Per channel a refusal in any record wins; the record that refuses most is the one it came from."""
    consents = [one.value for one in held]
    worst = {name: _stricter(getattr(value, name) for value in consents) for name in Consent.__struct_fields__}
    if worst["any"] is ConsentState.BLOCKED:
        worst = dict.fromkeys(worst, ConsentState.BLOCKED)
    origin = max(range(len(held)), key=lambda place: (_refusals(consents[place]), -place))
    return Consent(**worst), held[origin]


def _stricter(states: Iterable[ConsentState]) -> ConsentState:
    """A refusal wins; a permission wins only over those that say nothing."""
    said = set(states)
    return next(
        (state for state in (ConsentState.BLOCKED, ConsentState.ALLOWED) if state in said), ConsentState.UNKNOWN
    )


def _refusals(consent: Consent) -> tuple[bool, int]:
    states = [getattr(consent, name) for name in Consent.__struct_fields__]
    return consent.any is ConsentState.BLOCKED, states.count(ConsentState.BLOCKED)

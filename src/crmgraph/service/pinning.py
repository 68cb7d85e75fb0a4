"""The values that people pinned, as entities are read with them."""

from collections.abc import Callable

from crmgraph.domain.judgements import pinned
from crmgraph.domain.model import Kind
from crmgraph.domain.survivorship.pinning import NO_PINS, Pin, Pins
from crmgraph.service.identity import Person
from crmgraph.service.judging import Judging
from crmgraph.service.plain import made_value
from crmgraph.service.sights import Sight


def pins_by(judging: Judging, sight: Sight) -> Callable[[Person], Pins]:
    """Tells what is pinned for a person, of fields that are not hidden."""

    def pins(person: Person) -> Pins:
        if not judging.judged.pins:
            return NO_PINS
        found = pinned(judging.judged, person.refs)
        return {
            name: Pin(one.by, one.at, made_value(Kind.CONTACT, name, one.value))
            for name, one in found.items()
            if not sight.hides(Kind.CONTACT, name)
        }

    return pins

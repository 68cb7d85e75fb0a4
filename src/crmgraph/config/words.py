"""Names that one part of crmgraph.yaml gives and another speaks of."""

from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from crmgraph.connectors.shapes import unknown


def _known_source(name: str, info: ValidationInfo) -> str:
    known: tuple[str, ...] = (info.context or {}).get("sources", ())
    if name not in known:
        raise ValueError(unknown(name, known))
    return name


KnownSource = Annotated[str, AfterValidator(_known_source)]

"""Whether a source can prove who is calling: by one way of its connector's, OAuth at addresses that may be used."""

from collections.abc import Iterator, Mapping

from crmgraph.config.addresses import wrong_with
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.proving import oauth_of, wrong_way
from crmgraph.connectors.templates import fill
from crmgraph.connectors.trees import Mistake, Place


def wrong_credentials(
    definition: Definition, texts: Mapping[str, str], place: Place, allow_private: bool
) -> Iterator[Mistake]:
    """What is wrong with a source that is written at `place` and has these settings."""
    if (wrong := wrong_way(definition, texts)) is not None:
        yield place.mistake(wrong)
    elif (oauth := oauth_of(definition, texts)) is not None:
        for word, template in (("authorize", oauth.authorize), ("token", oauth.token)):
            address = fill(template, texts)
            at_base = word == "token" and isinstance(address, str) and address.startswith("/")
            if not at_base and (said := wrong_with(str(address), allow_private)):
                yield place.mistake(said.replace("`base_url`", f"`auth.oauth.{word}` of {definition.name}"))

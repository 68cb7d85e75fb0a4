"""What proves who is calling does not come back: a CRM may quote it, where it refuses it, and that is cut out."""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.masking import SECRET
from crmgraph.sources.auth import Credential, Wire

SHORTEST = 6
"""Letters of the shortest secret that is looked for; a shorter one stands in many an innocent word."""

_INSTEAD = SECRET.encode()


def unechoed(wire: Wire, secrets: Collection[str]) -> Wire:
    """A wire whose replies hold neither `secrets` nor the credential of their call."""
    ours = {form for secret in secrets for form in _forms(secret)}

    async def guarded(call: Call, credential: Credential) -> Reply:
        reply = await wire(call, credential)
        for form in ours.union(*map(_forms, proofs(credential))):
            if form in reply.content:
                reply = replace(reply, content=reply.content.replace(form, _INSTEAD))
        return reply

    return guarded


def proofs(credential: Credential) -> Iterator[str]:
    """What in a credential is a secret for sure: what follows the scheme of its Authorization header."""
    for name, value in credential.headers:
        if name.lower() == "authorization":
            yield value.rpartition(" ")[2]


@lru_cache(maxsize=256)
def _forms(secret: str) -> frozenset[bytes]:
    """How it stands in a body: as it is, or as JSON writes it."""
    if len(secret) < SHORTEST:
        return frozenset()
    return frozenset({secret.encode(), json.dumps(secret)[1:-1].encode()})

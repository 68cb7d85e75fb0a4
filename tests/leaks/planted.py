"""What is planted, each value unlike anything else that there is: credentials, and what is said of one person."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from tests.fifth.lagoon import KEY as LAGOON


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody about whom everything is planted."""

    email: str = "zyxwina.q@leak-probe.example"
    phone: str = "+4915799887766"
    given: str = "Zyxwina"
    family: str = "Quorblatt"
    note: str = "She dreams of purple walruses"
    custom: str = "walrus-tier-77"


PERSON = Person()

VARIABLE = "octopus in a teapot"
"""The value of a variable that no operation makes anything of."""

HEADER = "a header about quokkas"
"""The value of a header that is nobody's business."""

CREDENTIALS: Mapping[str, str] = {
    "bigcontacts' token, in the query": "bc-TOKEN-9f3b1d77aa",
    "concord's token, in a header": "cc-TOKEN-5e21c09b13",
    "orgcrm's token, in a header": "oc-TOKEN-77d0e4f2c6",
    "lagoon's key, in a header of its own": LAGOON,
    "the client secret of OAuth": "lc-CLIENT-b1946ac92492",
    "the access token of OAuth": "lc-ACCESS-d2346f0c7e11",
    "the refresh token of OAuth": "lc-REFRESH-a87ff679a2f3",
    "the key that seals cursors": "cursor-KEY-e4da3b7fbbce2345d777",
    "the store's password": "pg-PASSWORD-1679091c5a88",
    "the pepper of API keys": "pepper-8f14e45fceea167a5a36dedd4bea2543",
    "an API key of a caller": "caller-c9f0f895fb98ab9159f51fd0297e236d",
    "a key of the vault": base64.b64encode(b"vault-key-of-exactly-32-bytes-ok").decode(),
    "the collector's authorization": "Basic b3RscC1hdXRob3JpemF0aW9u",
}

PERSONAL: Mapping[str, str] = {
    "an e-mail": PERSON.email,
    "a phone": PERSON.phone,
    "a given name": PERSON.given,
    "a family name": PERSON.family,
    "a note": PERSON.note,
    "a custom value": PERSON.custom,
    "a variable": VARIABLE,
    "a header of the caller": HEADER,
}

ALL: Mapping[str, str] = {**CREDENTIALS, **PERSONAL}

"""What a definition says of OAuth 2: where a person agrees, where tokens are given, and whose they then are."""

from typing import Literal

from pydantic import Field

from crmgraph.connectors.spec_words import Strict


class OAuthSpec(Strict):
    """OAuth 2 by an authorization code. The access token takes the place of what `bearer` says.

    The source's settings `client_id` and `client_secret` are our app's; texts are templates over the settings.
    """

    authorize: str = Field(description="The address at which a person agrees.")
    token: str = Field(
        description="Where tokens are given and renewed: a path below the base URL, `/oauth/token`, or a whole address."
    )
    scopes: list[str] = Field([], description="What is asked for.")
    query: dict[str, str] = Field({}, description="More parameters of `authorize`.")
    form: dict[str, str] = Field({}, description="More parameters of a request for tokens.")
    client: Literal["body", "basic"] = Field(
        "body", description="How the app proves itself: `client_id` and `client_secret` in the form, or HTTP Basic."
    )
    pkce: bool = Field(False, description="Whether the CRM takes a PKCE challenge (S256).")
    account: dict[str, str] = Field(
        {},
        description=(
            "Our setting → the key of the answer with tokens that tells the same: it names the account that was"
            " connected, and must be equal where the setting is given."
        ),
    )

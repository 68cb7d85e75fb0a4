"""Whose view of a CRM a reply is, and whose allowance a call uses: names that tell nothing of a credential."""

import json
from hashlib import blake2b

from crmgraph.sources.account import Account


def scope_of(account: Account, key: bytes, connected: str = "") -> str:
    """24 hexadecimal digits that differ wherever the account, its settings or its secrets differ.

    `connected` is the account that a person connected by OAuth; its tokens come and go and are none of it. `key` is up
    to 64 random bytes. Without it nobody can try secrets until one gives this scope, so it is never stored beside one.
    """
    parts = [account.name, account.definition.name, account.base_url, sorted(account.texts().items()), connected]
    return blake2b(json.dumps(parts).encode(), key=key, digest_size=12).hexdigest()


def account_key(account: Account) -> str:
    """What stands for an account between processes, whoever calls there: nothing of it is secret."""
    parts = [account.definition.name, account.base_url, sorted(account.public().items())]
    return f"{account.name}:{blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()}"

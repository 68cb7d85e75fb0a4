"""Nouns with their article, for messages."""


def with_article(noun: str) -> str:
    """`a task`, `an activity`; a u is spoken as in `user`."""
    return f"an {noun}" if noun[:1].lower() in tuple("aeio") else f"a {noun}"

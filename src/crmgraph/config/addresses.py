"""Whether an address is one that a source may be called at, so that a typing error cannot send credentials astray."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

EXAMPLE = "https://crm.example.com/api"

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def wrong_with(url: str, allow_private: bool) -> str | None:
    """The sentence that says what is wrong with a `base_url`, or None. The address itself is not repeated in it."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return f"`base_url` should be an absolute address, for example {EXAMPLE}."
    if "@" in parts.netloc:
        return "`base_url` may not hold a user name or password; give them as settings of the source."
    if "?" in url or "#" in url:
        return "`base_url` may not hold a query or a fragment; end it with the path."
    if allow_private:
        return None
    if is_private(parts.hostname):
        return "`base_url` is a private or loopback address; set `allow_private: true` if that is meant."
    if parts.scheme == "http":
        return "`base_url` should start with https://, because credentials are sent there."
    return None


def is_private(host: str) -> bool:
    """Whether a host is localhost or a literal address that is not of the public internet, in any notation."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _literal(name)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address is not None and not address.is_global


def _literal(host: str) -> _Address | None:
    """The address that a host spells, also as C libraries read it: 127.1, 0x7f000001, 2130706433."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _old_notation(host)


def _old_notation(host: str) -> _Address | None:
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if re.match(r"[0-9]", host) else None
    except OSError:
        return None


def _split(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or re.search(r"[\s\\]", url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None

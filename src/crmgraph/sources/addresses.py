"""Which addresses may be connected to, decided on the very address and not on its name, which may change its mind."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and port to the addresses to try, best first; raises OSError when there are none."""

T = TypeVar("T")

Connect = Callable[[str, int, float], Awaitable[T]]
"""Connects to an address and port within so many seconds; raises OSError, of which TimeoutError is one."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class PrivateAddress(OSError):
    """A name that leads, at least by one of its addresses, to a network that is not the public internet."""


def is_public(text: str) -> bool:
    """Whether an address is of the public internet; one that carries an IPv4 address inside is judged by that."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or _behind_nat64(address) or address
    return address.is_global and not address.is_multicast


def _behind_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def public(resolve: Resolve) -> Resolve:
    """A resolve that raises PrivateAddress when one of a host's addresses is not public."""

    async def checked(host: str, port: int) -> Sequence[str]:
        addresses = await resolve(host, port)
        if not all(map(is_public, addresses)):
            raise PrivateAddress
        return addresses

    return checked


async def first_to_answer(addresses: Sequence[str], port: int, seconds: float, connect: Connect[T]) -> T:
    """What `connect` makes of the first address that answers, each having its share of the seconds.

    Raises what the last one raised, and at once what TLS raises: the address answered, but is not to be trusted.
    """
    failure: OSError = socket.gaierror()
    for address in addresses:
        try:
            return await connect(address, port, seconds / len(addresses))
        except ssl.SSLError:
            raise
        except OSError as error:
            failure = error
    raise failure

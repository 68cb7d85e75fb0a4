"""Which addresses may be connected to, decided on the very address and not on its name, which may change its mind."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and port to the addresses to try, best first; raises OSError when there are none."""

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


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only; TLS and the Host header keep to the name all the same."""

    def __init__(self, resolve: Resolve = resolved, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._resolve = resolve
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # As in the class it implements.
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers.

        Raises ConnectError, its cause a PrivateAddress when one of the addresses is not public.
        """
        addresses = await self._checked(host, port)
        share = None if timeout is None else timeout / len(addresses)
        failure: Exception | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError()

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
            if not addresses:
                raise socket.gaierror
            if not all(map(is_public, addresses)):
                raise PrivateAddress
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError from error
        return addresses

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

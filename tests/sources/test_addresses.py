"""Which addresses a source may be connected to."""

import socket
import ssl
from collections.abc import Sequence

import pytest
from tests.sources.given import Told, account, call

from crmgraph.domain.errors import Unavailable
from crmgraph.sources.addresses import PrivateAddress, Resolve, first_to_answer, is_public, public, resolved
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.direct import Direct
from crmgraph.sources.pool import Pool

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff0e::1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::a01:203",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


class Recording:
    """Writes down whom it was asked to connect to, with which patience; only `there` answers."""

    def __init__(self, there: str | None = None) -> None:
        self.there = there
        self.asked: list[tuple[str, int, float]] = []

    async def connect(self, address: str, port: int, seconds: float) -> str:
        self.asked.append((address, port, seconds))
        if address == self.there:
            return address
        raise OSError(address)


def _knowing(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


async def test_each_address_is_tried_in_turn_with_its_share_of_the_time() -> None:
    one = Recording("2606:2800:220:1::1")
    addresses = ["93.184.216.34", "2606:2800:220:1::1", "93.184.216.35"]
    assert await first_to_answer(addresses, 443, 6.0, one.connect) == "2606:2800:220:1::1"
    assert one.asked == [("93.184.216.34", 443, 2.0), ("2606:2800:220:1::1", 443, 2.0)]


async def test_when_no_address_answers_the_last_failure_counts() -> None:
    with pytest.raises(OSError, match=r"93\.184\.216\.35"):
        await first_to_answer(["93.184.216.34", "93.184.216.35"], 443, 4.0, Recording().connect)


async def test_an_address_that_answers_and_is_not_to_be_trusted_is_the_last_that_is_tried() -> None:
    asked = []

    async def connect(address: str, port: int, seconds: float) -> None:
        asked.append(address)
        raise ssl.SSLCertVerificationError("expired")

    with pytest.raises(ssl.SSLCertVerificationError):
        await first_to_answer(["93.184.216.34", "93.184.216.35"], 443, 4.0, connect)
    assert asked == ["93.184.216.34"]


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.216.34", "10.0.0.1")])
async def test_one_private_address_among_them_is_enough_to_refuse_them_all(addresses: tuple[str, ...]) -> None:
    with pytest.raises(PrivateAddress):
        await public(_knowing(*addresses))("crm.example.com", 443)


async def test_a_name_without_addresses_is_not_known() -> None:
    with pytest.raises(socket.gaierror):
        await first_to_answer([], 443, 4.0, Recording().connect)


async def test_an_operator_is_told_how_to_allow_a_private_address() -> None:
    direct = Direct("https://crm.example.com", allow_private=False, resolve=_knowing("10.0.0.1"))
    async with Pool([account()], SystemClock(), transport_for=lambda _: direct) as pool:
        with pytest.raises(Unavailable) as caught:
            await pool.sources[0].send(call(), Told())
    assert caught.value.message == (
        "sales cannot be reached: its name leads to a private address; "
        "set `allow_private: true` for the source if that is meant."
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "[::1]", "localhost"])
async def test_without_leave_our_own_machine_is_never_called_however_it_is_spelled(host: str) -> None:
    there = account(base_url=f"http://{host}:9")
    async with Pool([there], SystemClock()) as pool:
        with pytest.raises(Unavailable, match=r"leads to a private address|makes no address"):
            await pool.sources[0].send(call(), Told())


async def test_addresses_are_resolved_as_the_system_knows_them() -> None:
    assert await resolved("127.0.0.1", 80) == ["127.0.0.1"]

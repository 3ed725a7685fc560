"""How many messages an hour: to one address, for one client, to one domain, and in all."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from passerelle import log
from passerelle.blocks import seconds_left, window_of
from passerelle.errors import LimitReached, StoreUnavailable
from passerelle.keys import Keyring, encode
from passerelle.otp.message import Message
from passerelle.otp.ports import Count
from passerelle.services import Services

BUDGET = "budget"

_ASKED_BY_A_BROWSER = frozenset({"SignIn", "Register", "ForgotPassword"})
"""Types of message for which Logto names the client."""


class Reserved(NamedTuple):
    """Shares taken for one message, and whether the budget is used up although it goes out."""

    keys: tuple[str, ...]
    over_budget: bool
    at: float


def suppression_key(keyring: Keyring, address: str) -> str:
    """Return the partition of an address, and of no other one: a keyed hash, without regard to ASCII case.

    Anything coarser would let whoever owns a look-alike get somebody else's address suppressed.
    """
    return "address#" + _hashed(keyring, "address", address.encode().lower().decode())


def limit_key(keyring: Keyring, address: str) -> str:
    """Return the partition under which an address is counted, together with all that look like it."""
    return "address#" + _hashed(keyring, "address", _alike(address))


def counts(services: Services, keyring: Keyring, message: Message, now: float) -> tuple[Count, ...]:
    """Name the counters of the address and of the client, which the claim itself moves."""
    limits = services.settings.send_limits
    wanted = {limit_key(keyring, message.to): limits.address}
    if network := client_network(message.ip):
        wanted["ip#" + _hashed(keyring, "ip", network)] = limits.ip
    return tuple(Count(key, window_of(now), maximum) for key, maximum in wanted.items() if maximum)


def reserve(services: Services, keyring: Keyring, message: Message, now: float) -> Reserved:
    """Take shares of the domain's limit and of the budget; raises `LimitReached`.

    Both stand for long-lived worries, a flood at one company and the bill. While DynamoDB does not answer
    they are let go: the limits of address and client, which are counted with the claim, do hold then.
    """
    taken: list[str] = []
    limits = services.settings.send_limits
    domain = "domain#" + _hashed(keyring, "domain", _alike(message.to).rpartition("@")[2])
    over_budget, over_domain = False, False
    try:
        over_budget = not _take(services, BUDGET, limits.budget, now, taken)
        over_domain = not _take(services, domain, limits.domain, now, taken)
    except StoreUnavailable as error:
        log.warning("limit_not_counted", reason=error.reason)
    reserved = Reserved(tuple(taken), over_budget, now)
    if over_domain or (over_budget and limits.budget_refuses):
        give_back(services, reserved)
        raise limit_reached("domain" if over_domain else "budget", now)
    return reserved


def give_back(services: Services, reserved: Reserved) -> None:
    """Return the shares of a message that did not go out."""
    for key in reserved.keys:
        services.blocks.give_back(key, reserved.at)


def limit_reached(which: str, now: float) -> LimitReached:
    """Make the error of a limit, which ends with the hour."""
    return LimitReached(reason=f"the limit of messages an hour by {which}", retry_after=seconds_left(now))


def client_network(ip: str | None) -> str | None:
    """Return whom an address stands for: itself, or for IPv6 its /64; None when it tells nobody apart.

    That is when Logto sent none, or one that is not public: of a proxy that Logto does not trust.
    """
    try:
        address = ip_address(ip or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_global:
        return None
    return str(IPv6Network((address, 64), strict=False)) if address.version == 6 else str(address)


def see_client(services: Services, message: Message, address: str, now: float) -> None:
    """Let the health check know whether Logto tells its clients apart; `address` is the claim's."""
    if message.type not in _ASKED_BY_A_BROWSER:
        return
    try:
        services.clients.see(client_network(message.ip), address, now)
    except StoreUnavailable as error:
        log.warning("clients_not_noted", reason=error.reason)


def _alike(address: str) -> str:
    """Return what look-alikes of an address have in common; its domain as DNS has it (RFC 3490, ToASCII)."""
    if not address.isascii():
        from unicodedata import normalize

        address = normalize("NFKC", normalize("NFKC", address).casefold())
    local_part, _, domain = address.lower().rpartition("@")
    return f"{local_part}@{_in_ascii(domain.rstrip('.'))}"


def _in_ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:  # none that DNS could hold
        return domain


def _take(services: Services, key: str, maximum: int, now: float, taken: list[str]) -> bool:
    if not maximum:
        return True
    is_left = services.blocks.take(key, maximum, now)
    if is_left:
        taken.append(key)
    return is_left


def _hashed(keyring: Keyring, purpose: str, value: str) -> str:
    return encode(keyring.index_hash(purpose, value))

"""Who asks, and by https or not, as the proxy in front says: of proxies that are named alone.

The server's own reading of such headers is off: this is their one home.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from django.conf import settings

from ktrdr_site.in_turn import Scope

Network = IPv4Network | IPv6Network


def told_by_proxies(scope: Scope) -> Scope:
    """With the client and the scheme that trusted proxies tell of, else as it is."""
    client = scope.get("client")
    if not client or not is_by_trusted_proxy(scope):
        return scope
    trusted: tuple[Network, ...] = settings.KTRDR_TRUSTED_PROXIES
    hops = [client[0], *reversed(_words(scope, b"x-forwarded-for"))]
    return {
        **scope,
        "client": (_first_beyond(hops, trusted), client[1]),
        "scheme": _scheme(scope),
    }


def is_by_trusted_proxy(scope: Scope) -> bool:
    """By the address of whom the connection is, as the server has it; a socket's file has none."""
    client = scope.get("client")
    return client is not None and _is_among(client[0], settings.KTRDR_TRUSTED_PROXIES)


def _first_beyond(hops: Sequence[str], trusted: tuple[Network, ...]) -> str:
    """The nearest address that is no trusted proxy's: what stands beyond, anybody could write."""
    nearest = hops[0]
    for hop in hops:
        if not _is_address(hop):
            break
        nearest = hop
        if not _is_among(hop, trusted):
            break
    return nearest


def _scheme(scope: Scope) -> str:
    """What the nearest proxy has said, which stands last."""
    told = _words(scope, b"x-forwarded-proto")[-1:]
    return told[0] if told and told[0] in ("http", "https") else str(scope["scheme"])


def _words(scope: Scope, header: bytes) -> list[str]:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == header]
    return [word.strip() for word in ",".join(values).split(",") if word.strip()]


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


def _is_among(word: str, trusted: tuple[Network, ...]) -> bool:
    return _is_address(word) and any(ip_address(word) in network for network in trusted)

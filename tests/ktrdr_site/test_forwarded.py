"""What a proxy says of its client counts if the proxy is named, and nobody else's word does."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from ktrdr_site.doorway.forwarded import told_by_proxies
from ktrdr_site.environment import env_networks
from tests.asking.asgi import scope_of

PROXY, INNER, CLIENT, LIED = "10.0.0.7", "192.168.0.9", "203.0.113.5", "198.51.100.1"


@pytest.fixture(autouse=True)
def proxies(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXIES", f"{PROXY}, 192.168.0.0/24, ::1")
    settings.KTRDR_TRUSTED_PROXIES = env_networks("PROXIES", "")


def told(peer: str, forwarded: str, proto: str = "https") -> tuple[str, str]:
    headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": proto}
    scope = told_by_proxies(scope_of("/", headers, client=(peer, 50000)))
    return scope["client"][0], scope["scheme"]


@pytest.mark.parametrize("peer", ["127.0.0.1", CLIENT, "10.0.0.8", "no address"])
def test_nobody_is_believed_who_is_not_named(peer: str) -> None:
    assert told(peer, LIED) == (peer, "http")


@pytest.mark.parametrize("forwarded", [CLIENT, f"{LIED}, {CLIENT}", f"{LIED}, {CLIENT}, {INNER}"])
def test_the_nearest_address_that_is_no_proxys_is_the_client(forwarded: str) -> None:
    assert told(PROXY, forwarded) == (CLIENT, "https")


@pytest.mark.parametrize(("forwarded", "client"), [("", PROXY), ("unknown", PROXY), (INNER, INNER)])
def test_who_is_not_told_of_is_the_nearest_that_is(forwarded: str, client: str) -> None:
    assert told(PROXY, forwarded) == (client, "https")


@pytest.mark.parametrize(
    ("proto", "scheme"), [("http, https", "https"), ("https, http", "http"), ("gopher", "http")]
)
def test_the_nearest_proxys_word_on_the_scheme_counts(proto: str, scheme: str) -> None:
    assert told(PROXY, CLIENT, proto) == (CLIENT, scheme)


def test_what_is_no_address_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXIES", "proxy.example.org")
    with pytest.raises(ImproperlyConfigured, match=r"PROXIES.*addresses and networks"):
        env_networks("PROXIES", "")

"""Random and hostile input in every page and form, the admin's too: no 5xx.

The API's description says what it takes; pages are found by their addresses, and each is asked
with every field that any of them reads. `FUZZ_SEED` repeats a run; `make fuzz` asks for more.
"""

import random
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.fuzz.scene import Scene
from tests.fuzz.test_hostile_requests import EXAMPLES, SEED
from tests.running.servers import ON_SQLITE

pytestmark = [
    pytest.mark.django_db,  # so that there is a database; the web process sees what is committed
    pytest.mark.skipif(ON_SQLITE, reason="a test's transaction locks all of SQLite"),
]

LEFT_OUT = (
    *("api/", "stream/", "static/", "logout/", "admin/logout/"),
    "account/sign-out/",
)
"""The API has its own fuzz; a stream does not end; who is signed out asks no more."""
FIELDS = (
    *("against", "ids", "id", "like", "strategy", "search", "since", "until", "status", "cursor"),
    *("ordering", "after", "before", "log", "symbol", "any_symbol", "next", "p", "o", "q", "all"),
    *("status__exact", "created_at__gte", "created_at__lt", "older_than_days", "e", "_to_field"),
    *("reason", "force", "operation", "action", "_selected_action", "index", "select_across"),
    *("strategy_yaml", "shipped", "key", "epochs", "seed", "device", "priority", "symbols"),
    *("timeframes", "start_date", "end_date", "name", "previewed", "username", "password"),
)
HOSTILE = (
    *("", " ", "\0", "x\0", "\ud7ff\ufffe", "\u202e", "\x1b[2J", "..", "../../etc/passwd", "%00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2020-01-01", "-1", "0", "1"),
    *("9" * 30, "9" * 5000, "1e400", "NaN", "true", "null", "[]", "{}", "'", '"', "<script>", "✓"),
    *("x" * 300, "x" * 20_000, "a: [" * 100, 'name: "\\0"', "epochs: 0x" + "F" * 5000, "*", "&a b"),
    *("resume", "cancel", "check", "load", "preview", "completed", "-created_at", "sp500_daily"),
)


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if address.startswith(LEFT_OUT):
            continue
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address


PAGES = sorted(address for address in addresses(get_resolver().url_patterns) if "(" not in address)


@pytest.fixture(scope="module")
def session(scene: Scene, django_db_blocker: pytest.FixtureRequest) -> requests.Session:
    """Of a superuser, who gets to see the most code."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        client = Client()
        client.force_login(User.objects.create_superuser("root"))
    signed_in = requests.Session()
    signed_in.cookies.update({"sessionid": client.session.session_key, "csrftoken": "a" * 32})
    signed_in.headers["X-CSRFToken"] = "a" * 32
    return signed_in


def filled(address: str, scene: Scene, chance: random.Random) -> str:
    """The address of something that is there, mostly; a hostile one else."""

    def value(found: re.Match[str]) -> str:
        name = found[1].rpartition(":")[2]
        there = scene.known.get("operation_id" if name == "object_id" else name, [])
        return quote(chance.choice(HOSTILE if not there or chance.random() < 0.3 else there), "")

    return re.sub("<([^>]+)>", value, address)


def fields(chance: random.Random) -> list[tuple[str, str]]:
    return [(chance.choice(FIELDS), chance.choice(HOSTILE)) for _ in range(chance.randrange(4, 16))]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks(page: str, scene: Scene, site: str, session: requests.Session) -> None:
    chance = random.Random(f"{SEED} {page}")
    for _ in range(EXAMPLES):
        address = f"{site}/{filled(page, scene, chance)}"
        query = urlencode(fields(chance), errors="surrogatepass")
        form = urlencode(fields(chance), errors="surrogatepass").encode()
        content = {"Content-Type": "application/x-www-form-urlencoded"}
        for method, data in (("GET", None), ("POST", form)):
            answer = session.request(
                method,
                f"{address}?{query}"[:15_000],
                data=data,
                headers=content if data else None,
                allow_redirects=False,
                timeout=60,
            )
            told = f"FUZZ_SEED={SEED}: {method} {address}?{query[:500]} {form[:500]!r}"
            assert answer.status_code < 500, told


def test_the_pages_are_found() -> None:
    known = {"operations/", "start/", "compare/", "models/", "login/", "workers/", "admin/"}
    assert known < set(PAGES)
    assert len(PAGES) > 40

"""What one user, or anybody on the network, can do to stop the site for all: a row each.

What is tried is what was measured on version 0.1.0, whose figures stand in `before`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from tests.load.site import LoadedSite
from tests.load.tries import Ask, Tries
from tests.training.strategy.documents import unknown_words

MEBIBYTE = 1024 * 1024
CONNECTIONS = 300
STREAMS = 400
HASTY, CUT_OFF_SECONDS = 30, 0.05


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    before: str
    attackers: int
    ask: Callable[[LoadedSite, Tries], Ask]
    is_cheap: bool = False
    """Needs nothing prepared; `make test` tries these."""


BOMBS = (
    unknown_words("0123456789abcdefghijklmnopqrstuvwxyzab", "a0b9c8d7e6f5g4h3i2j1k0l9m8n7o6p5"),
    "nn_inputs:\n" + "- {a: 1, b: 1, c: 1, d: 1, e: 1}\n" * 450,
    "a: " + "[" * 30_000,
)


def _nothing(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> str:
        tries.over.wait()
        return "nothing asked"

    return ask


def _previews(role: str) -> Callable[[LoadedSite, Tries], Ask]:
    def row(site: LoadedSite, tries: Tries) -> Ask:
        form = {"key": "k", "device": "auto", "priority": "normal", "action": "preview"}
        text = site.strategy_text
        cookie = site.cookies[role]
        return lambda number: tries.post_form("/start/", {**form, "strategy_yaml": text}, cookie)

    return row


def _predictions(site: LoadedSite, tries: Tries) -> Ask:
    path = f"/api/v1/models/{site.large_model}/predict?since=2005-01-03"
    return lambda number: tries.request("GET", path, headers=site.tokens["operator"])


def _keyed_starts(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> int:
        headers = {**site.tokens["operator"], "Idempotency-Key": secrets.token_hex(8)}
        body = {"strategy_yaml": BOMBS[0]}
        return tries.post_json("/api/v1/training/start", body, headers)

    return ask


def _strategies(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> int:
        body = {"strategy_yaml": BOMBS[number % len(BOMBS)]}
        return tries.post_json("/api/v1/strategies/validate", body, site.tokens["viewer"])

    return ask


def _bodies(site: LoadedSite, tries: Tries) -> Ask:
    head = (
        b"POST /api/v1/training/start HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

    def ask(number: int) -> int | str:
        with tries.connect() as connection:
            connection.sendall(head)
            sent = 0
            try:
                while sent < 200 * MEBIBYTE and not tries.over.is_set():
                    connection.sendall(chunk)
                    sent += 65_536
            except OSError:
                return f"closed within {1 + sent // MEBIBYTE} MiB"
            return "read whole"

    return ask


def _cookies(site: LoadedSite, tries: Tries) -> Ask:
    large, as_large_as_may_be = ('a="' + "\\" * size for size in (60_000, 15_000))

    def ask(number: int) -> int:
        cookie = large if number % 2 else as_large_as_may_be
        return tries.request("GET", "/login/", headers={"Cookie": cookie})

    return ask


def _streams(site: LoadedSite, tries: Tries) -> Ask:
    path = f"/api/v1/operations/{site.operation.pk}/events"
    head = "".join(
        f"{name}: {value}\r\n"
        for name, value in {**site.tokens["operator"], "Accept": "text/event-stream"}.items()
    )
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode()

    def ask(number: int) -> str:
        with tries.connect() as connection:
            connection.sendall(request)
            status = connection.recv(4096).split(b" ")[1].decode()
            tries.over.wait()
            return status

    return ask


def _cut_off(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> str:
        cookie = f"sessionid={secrets.token_hex(16)}"  # nobody's, another one each time
        with tries.connect() as connection:
            head = f"GET /operations/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
            connection.sendall(head.encode())
            tries.over.wait(CUT_OFF_SECONDS)
            return "cut off"

    return ask


def _half_sent(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> str:
        with tries.connect() as connection:
            connection.sendall(b"GET /operations/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            tries.over.wait()
            return "open"

    return ask


def _guesses(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> int:
        fields = {"username": f"user{number}", "password": secrets.token_hex(4)}
        return tries.post_form("/login/", fields)

    return ask


def _bad_tokens(site: LoadedSite, tries: Tries) -> Ask:
    def ask(number: int) -> int:
        headers = {"Authorization": f"Bearer ktrdr_{secrets.token_hex(16)}"}
        return tries.request("GET", "/api/v1/operations", headers=headers)

    return ask


ROWS = (
    Row(name="nothing", before="", attackers=1, ask=_nothing),
    Row(
        name="60 kB of cookies",
        before="6 s to parse one on Python before 3.11.10",
        attackers=8,
        ask=_cookies,
        is_cheap=True,
    ),
    Row(
        name="bodies of 200 MB before authentication",
        before="spooled to the disk, then 403",
        attackers=8,
        ask=_bodies,
        is_cheap=True,
    ),
    Row(
        name=f"{CONNECTIONS} half-sent requests",
        before="never closed",
        attackers=CONNECTIONS,
        ask=_half_sent,
        is_cheap=True,
    ),
    Row(
        name=f"requests that {HASTY} cut off after {CUT_OFF_SECONDS} s",
        before="all are worked on",
        attackers=HASTY,
        ask=_cut_off,
    ),
    Row(
        name="40 previews by a user without permissions",
        before="/healthz waits 10 s",
        attackers=40,
        ask=_previews("viewer"),
    ),
    Row(
        name="40 previews by a user who may",
        before="/healthz waits 10 s",
        attackers=40,
        ask=_previews("operator"),
    ),
    Row(
        name="predictions of an LSTM of 1000 x 256",
        before="142 s and 2.2 GB each, in the web process",
        attackers=16,
        ask=_predictions,
    ),
    Row(
        name="16 invalid starts with a key",
        before="others' start is 500 after 21 s; a training is worker_lost",
        attackers=16,
        ask=_keyed_starts,
    ),
    Row(
        name="the worst texts of strategies, by a read token",
        before="4.0 to 5.5 s each",
        attackers=16,
        ask=_strategies,
    ),
    Row(
        name=f"{STREAMS} streams by one token",
        before="all open",
        attackers=STREAMS,
        ask=_streams,
    ),
    Row(
        name="30 names' passwords guessed from one address",
        before="unthrottled",
        attackers=30,
        ask=_guesses,
    ),
    Row(name="bad tokens", before="", attackers=30, ask=_bad_tokens),
)

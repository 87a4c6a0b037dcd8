"""How a row is tried: requests by many at once, again and again, until it has been watched."""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
PATIENCE_SECONDS = 60.0

Ask = Callable[[int], int | str]
"""Given its number, one try: the status of the answer, or a word for what came in its place."""


@dataclass(kw_only=True)
class Tries:
    """Whoever attacks the site on this port, on threads, and what they were answered."""

    port: int
    over: threading.Event = field(default_factory=threading.Event)
    answers: Counter[int | str] = field(default_factory=Counter)

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> int:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def post_json(self, path: str, body: Any, headers: Mapping[str, str]) -> int:
        typed = {"Content-Type": "application/json", **headers}
        return self.request("POST", path, headers=typed, body=json.dumps(body).encode())

    def post_form(self, path: str, fields: Mapping[str, str], cookie: str = "") -> int:
        """As a browser does, with a cookie against forgery that it made up."""
        secret = "a" * 32
        typed = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={secret}; {cookie}",
        }
        body = urlencode({**fields, "csrfmiddlewaretoken": secret}).encode()
        return self.request("POST", path, headers=typed, body=body)

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=PATIENCE_SECONDS)

    @contextmanager
    def under_way(self, ask: Ask, *, attackers: int) -> Iterator[None]:
        """Meanwhile `attackers` try, each once more as soon as it was answered."""
        threads = [
            threading.Thread(target=self._go_on, args=(ask, number), daemon=True)
            for number in range(attackers)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(PATIENCE_SECONDS)

    def _go_on(self, ask: Ask, number: int) -> None:
        while not self.over.is_set():
            began = time.monotonic()
            try:
                self.answers[ask(number)] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[type(error).__name__] += 1
            self.over.wait(max(0.0, began + 0.01 - time.monotonic()))  # not the machine's limits

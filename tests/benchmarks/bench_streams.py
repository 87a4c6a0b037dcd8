"""What pages that stay open cost: 200 event streams of one web process, beside one stream.

    python -m tests.benchmarks.bench_streams [--pages N] [--seconds N] [--rounds N]

A real uvicorn on PostgreSQL. While nothing runs, and while 20 operations beat once a second, as
their workers would. Counted is the web process's time on its processor; and how long after a
heartbeat the pages hear of it.
"""

import argparse
import asyncio
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

import psutil

from tests.benchmarks.figures import LEAST_ROUNDS, Figure, interleaved, machine, table
from tests.benchmarks.site import benchmark_site
from tests.running.web import HOST, Web

NUM_OPERATIONS = 20
SECONDS_BETWEEN_BEATS = 1.0
MOST_MILLISECONDS = 1000.0
HEARTBEAT = re.compile(rb'"heartbeat_at": ?"([^"]+)"')


class Pages:
    """Open streams, read on a thread of their own."""

    def __init__(self, port: int, cookie: str, *, count: int) -> None:
        self.delays: list[float] = []
        """Milliseconds from each heartbeat to each page that heard of it."""
        self._request = (
            f"GET /stream/ HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/event-stream\r\n"
            f"Cookie: sessionid={cookie}\r\n\r\n"
        ).encode()
        self._port, self._count, self._open = port, count, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        while self._open < count:
            time.sleep(0.01)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._all.cancel)
        self._thread.join()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._listen_to_all())
        self._loop.close()

    async def _listen_to_all(self) -> None:
        self._all = asyncio.gather(*(self._listen() for _ in range(self._count)))
        await self._all

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        writer.write(self._request)
        status = await reader.readuntil(b"\r\n")
        if b" 200 " not in status:
            raise RuntimeError(status.decode())
        await reader.readuntil(b"event: reload")
        self._open += 1
        try:
            while heard := await reader.read(65536):
                now = time.time()
                for beaten_at in HEARTBEAT.findall(heard):
                    beat = datetime.fromisoformat(beaten_at.decode()).timestamp()
                    self.delays.append((now - beat) * 1000)
        finally:
            writer.close()


@contextmanager
def beating(operation_ids: list[str]) -> Iterator[None]:
    """Their workers' side threads, all in one."""
    from django.db import connections

    from operations import lifecycle

    over = threading.Event()

    def beat() -> None:
        epoch = 0
        while not over.wait(SECONDS_BETWEEN_BEATS):
            epoch += 1
            progress = {"phase": "training", "epoch": epoch, "total_epochs": 10_000}
            for operation_id in operation_ids:
                lifecycle.heartbeat(operation_id, 1, progress=progress)
        connections.close_all()

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Site:
    """The web process, somebody who is signed in, and the operations that may beat."""

    def __init__(self, web: Web, *, seconds: float) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        from operations import lifecycle

        self._web, self._seconds = web, seconds
        self._process = psutil.Process(web.pid)
        client = Client()
        client.force_login(User.objects.create_superuser("staff"))
        self._cookie = client.cookies["sessionid"].value
        self.delays: list[float] = []
        self._ids: list[str] = []
        for _ in range(NUM_OPERATIONS):
            operation = lifecycle.start(operation_type="training", request={}, queue="training")
            assert lifecycle.claim(operation.pk, 1, worker="w", device="cpu", token="t")
            self._ids.append(operation.pk)

    def share(self, pages: int, *, running: int) -> float:
        """Percent of a core that the web process takes for so many open pages."""
        opened = Pages(self._web.port, self._cookie, count=pages)
        with beating(self._ids[:running]):
            time.sleep(2 * SECONDS_BETWEEN_BEATS)  # until they are on their way
            opened.delays.clear()
            before = self._processor_seconds()
            time.sleep(self._seconds)
            spent = self._processor_seconds() - before
            self.delays += opened.delays
        opened.close()
        return 100 * spent / self._seconds

    def _processor_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def run(*, pages: int, seconds: float, rounds: int) -> Iterator[Figure]:
    with benchmark_site(valkey=True) as servers:
        web = Web(servers, servers.directory / "web.log", database="postgres")
        site = Site(web, seconds=seconds)
        for title, running in (("nothing runs", 0), (f"{NUM_OPERATIONS} beat", NUM_OPERATIONS)):
            ways: dict[str, Callable[[], float]] = {
                "many": partial(site.share, pages, running=running),
                "one": partial(site.share, 1, running=running),
            }
            measured = interleaved(ways, rounds=rounds)
            yield Figure.of_rounds(
                measured["many"],
                measured["one"],
                name=f"{pages} open pages, {title}",
                unit="% of a core",
                reference="one page",
            )
        yield Figure(
            name="from a heartbeat to the page, median",
            value=statistics.median(site.delays),
            unit="ms",
            at_most=MOST_MILLISECONDS,
        )
        web.stop()


def main(arguments: list[str] | None = None) -> list[Figure]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    options = parser.parse_args(arguments)
    figures = list(run(pages=options.pages, seconds=options.seconds, rounds=options.rounds))
    print(*(f"{name}: {value}" for name, value in machine().items()), sep="\n")
    print(*table("Open pages", figures), sep="\n")
    return figures


if __name__ == "__main__":
    main()

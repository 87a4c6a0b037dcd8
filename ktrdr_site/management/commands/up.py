import os
import shlex
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.utils import OperationalError

from ktrdr_site.local import up_lock, valkey
from ktrdr_site.local.first_login import Login, create_first_login
from ktrdr_site.local.place import BASE_DIR
from ktrdr_site.local.service import Service
from ktrdr_site.local.supervisor import Supervisor
from ktrdr_site.local.watchdog import Watchdog
from operations.text import without_login

HOST = "127.0.0.1"
SAMPLE_STRATEGY = "sp500_daily"
WORKERS_STAGE, SITE_STAGE, VALKEY_STAGE = range(3)
WORKER_MARGIN_SECONDS = 5.0
"""The worker itself kills a horse that outlives the grace: it gets this long to do it."""
WEB_GRACE_SECONDS = 5.0


class Command(BaseCommand):
    help = "Runs the whole site on this machine: web, training workers, sweeper, and Valkey."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the web pages (8000)")
        parser.add_argument("--workers", type=int, default=1, help="trainings at a time (1)")

    def handle(self, *args: Any, port: int, workers: int, **options: Any) -> None:
        lock = self._take_lock()
        _refuse_taken_port(port)
        with closing(Watchdog(holding=[lock])) as watchdog:
            supervisor = Supervisor(watchdog=watchdog, say=self._say)
            supervisor.listen_to_signals()
            try:
                self._start(supervisor, port=port, workers=workers)
                self._say("up", "stopping: workers first, a running training saves its state")
            finally:
                supervisor.stop()
        os.close(lock)
        self._say("up", "stopped")

    def _start(self, supervisor: Supervisor, *, port: int, workers: int) -> None:
        if settings.EMBEDDED_VALKEY:
            try:
                _start_valkey(supervisor)
            except valkey.ValkeyUnavailable as error:
                raise CommandError(str(error)) from None
        _migrate()
        login = create_first_login(settings.KTRDR_DATA_DIR, output=self.stdout)
        connections.close_all()
        for service in _services(port=port, workers=workers):
            supervisor.start(service)
        supervisor.run(each_tick=_once_answering(port, partial(self._announce, port, login)))

    def _take_lock(self) -> int:
        try:
            return up_lock.take(settings.KTRDR_DATA_DIR)
        except up_lock.AlreadyUp as holder:
            raise CommandError(
                f"The site in {settings.KTRDR_DATA_DIR} is up already, or still stopping (process "
                f"{holder}). Stop that one first, or set KTRDR_DATA_DIR to another directory."
            ) from None

    def _announce(self, port: int, login: Login | None) -> None:
        manage = shlex.join([sys.executable, str(BASE_DIR / "manage.py")])
        lines = (
            f"KTRDR is up at http://{HOST}:{port}/",
            f"  sign in  {login or 'as before'}",
            f"  train    {manage} start_training {SAMPLE_STRATEGY} --follow",
            "  stop     Ctrl-C; a running training saves its state and goes on at the next start",
        )
        for line in lines:
            self._say("up", line)

    def _say(self, name: str, line: str) -> None:
        # The terminal may be gone: the processes still have to be ended in order.
        with suppress(OSError):
            self.stdout.write(f"{self.style.MIGRATE_LABEL(f'{name:>8} |')} {line}")
            self.stdout.flush()


def _once_answering(port: int, announce: Callable[[], None]) -> Callable[[], None]:
    """A tick that announces the site as soon as its web server answers, and then no more."""
    waiting = True

    def tick() -> None:
        nonlocal waiting
        if waiting and _is_taken(port):
            waiting = False
            announce()

    return tick


def _start_valkey(supervisor: Supervisor) -> None:
    command = valkey.server_command(directory=settings.VALKEY_DIR, socket=settings.VALKEY_SOCKET)
    service = Service(
        name="valkey", command=command, stage=VALKEY_STAGE, grace_seconds=valkey.STOP_SECONDS
    )
    valkey.wait_until_ready(settings.VALKEY_SOCKET, supervisor.start(service))


def _migrate() -> None:
    try:
        call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
    except OperationalError as error:
        raise CommandError(f"The database does not answer: {without_login(str(error))}") from None


def _services(*, port: int, workers: int) -> list[Service]:
    """In the order of their start."""
    manage = [sys.executable, "-u", str(BASE_DIR / "manage.py")]
    web = [*manage, "serve", "--host", HOST, "--port", str(port)]
    sweeper = [*manage, "sweep_operations", "--every", str(settings.KTRDR_SWEEP_INTERVAL_SECONDS)]
    grace_seconds = settings.KTRDR_SHUTDOWN_GRACE_SECONDS + WORKER_MARGIN_SECONDS
    site: dict[str, Any] = {"stage": SITE_STAGE, "grace_seconds": WEB_GRACE_SECONDS}
    return [
        Service(name="web", command=web, **site),
        Service(name="sweeper", command=sweeper, **site),
        *(
            Service(
                name="worker" if workers == 1 else f"worker {number}",
                command=[*manage, "rqworker"],
                stage=WORKERS_STAGE,
                grace_seconds=grace_seconds,
            )
            for number in range(1, workers + 1)
        ),
    ]


def _refuse_taken_port(port: int) -> None:
    if _is_taken(port):
        raise CommandError(f"Port {port} is taken by another program: choose one with --port.")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((HOST, port)) == 0

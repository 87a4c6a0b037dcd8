"""What goes wrong, by kind. Each fault returns whether it found something to happen to."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from operations.cancel import cancel_operation
from operations.errors import DomainError
from operations.resume import resume_operation
from tests.chaos.site import Site

Fault = Callable[[Site], bool]

LONGEST_AWAY_SECONDS = 3.0  # one and a half leases
FROZEN_SECONDS = 2.5  # longer than a lease: another worker takes over


def kill_horse(site: Site) -> bool:
    return _signal_one(site, site.horses(), signal.SIGKILL)


def kill_worker_and_horse(site: Site) -> bool:
    workers = site.processes("worker")
    if workers:
        site.random.choice(workers).kill_all()
    return bool(workers)


def kill_worker_alone(site: Site) -> bool:
    workers = [psutil.Process(worker.pid) for worker in site.processes("worker")]
    return _signal_one(site, workers, signal.SIGKILL)


def stop_worker(site: Site) -> bool:
    workers = [psutil.Process(worker.pid) for worker in site.processes("worker")]
    return _signal_one(site, workers, signal.SIGTERM)


def freeze_horse(site: Site) -> bool:
    """A zombie: it wakes up when another has long taken over."""
    horses = site.horses()
    if not horses:
        return False
    horse = site.random.choice(horses)
    with suppress(psutil.NoSuchProcess):
        horse.suspend()
        time.sleep(FROZEN_SECONDS)
        horse.resume()
    return True


def kill_sweeper(site: Site) -> bool:
    sweepers = [psutil.Process(sweeper.pid) for sweeper in site.processes("sweeper")]
    return _signal_one(site, sweepers, signal.SIGKILL)


def kill_web(site: Site) -> bool:
    web = [psutil.Process(process.pid) for process in site.processes("web")]
    return _signal_one(site, web, signal.SIGKILL)


def restart_valkey(site: Site) -> bool:
    site.servers.valkey.stop()
    time.sleep(site.random.uniform(0, LONGEST_AWAY_SECONDS))
    site.servers.valkey.start()
    return True


def flush_valkey(site: Site) -> bool:
    with redis.Redis(unix_socket_path=str(site.servers.valkey.socket)) as client:
        client.flushall()
    return True


def crash_postgresql(site: Site) -> bool:
    site.without_database()
    site.servers.postgres.stop(signal.SIGQUIT)
    time.sleep(site.random.uniform(0, LONGEST_AWAY_SECONDS))
    site.servers.postgres.start()
    return True


def cancel(site: Site) -> bool:
    live = site.live_operations()
    if not live:
        return False
    with suppress(DomainError):  # it has ended meanwhile
        cancel_operation(site.random.choice(live).pk)
    return True


def flip_a_bit(site: Site) -> bool:
    """In the newest checkpoint of an operation that has stopped."""
    for operation in site.stopped_operations():
        newest = operation.checkpoints.order_by("-attempt", "-epoch", "-batch").first()
        if newest is not None and newest.quarantined_at is None:
            artifact = site.random.choice(list(newest.artifacts.order_by("name")))
            _flip(site.storage / artifact.file.name, site.random.random())
            return True
    return False


def resume(site: Site) -> bool:
    """What a person does about an operation that stopped."""
    stopped = site.stopped_operations()
    for operation in stopped:
        with suppress(DomainError):  # no checkpoint yet, or none that is usable
            resume_operation(operation.pk)
    return bool(stopped)


FAULTS: dict[Fault, int] = {
    kill_horse: 8,
    kill_worker_and_horse: 2,
    kill_worker_alone: 1,
    stop_worker: 1,
    freeze_horse: 1,
    kill_sweeper: 2,
    kill_web: 2,
    restart_valkey: 2,
    flush_valkey: 3,
    crash_postgresql: 2,
    cancel: 4,
    flip_a_bit: 4,
}
"""With how often each of them happens, relative to the others."""


def _signal_one(site: Site, processes: list[psutil.Process], number: signal.Signals) -> bool:
    if not processes:
        return False
    with suppress(psutil.NoSuchProcess):
        site.random.choice(processes).send_signal(number)
    return True


def _flip(path: Path, where: float) -> None:
    with suppress(FileNotFoundError), path.open("r+b") as file:
        place = int(where * os.fstat(file.fileno()).st_size)
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))

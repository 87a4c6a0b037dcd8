"""Many processes and threads that do one thing at the same moment.

Each process is a KTRDR process of its own, on the test's database, with a connection per thread: a
fork of one that has loaded everything and asked nothing. A round releases all threads from one
barrier, and gives back what each of them got.
"""

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from ktrdr_site.local.watchdog import Ward, kill_session
from tests.running.servers import Servers

NUM_PROCESSES = 8
THREADS_PER_PROCESS = 8
START_SECONDS = 60
ROUND_SECONDS = 120


class Act(NamedTuple):
    """A function of `race_acts`, and its arguments; it answers with a word."""

    name: str
    arguments: tuple[str | int, ...]


class Racers:
    def __init__(self, servers: Servers, environment: dict[str, str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._start = context.Barrier(NUM_PROCESSES * THREADS_PER_PROCESS)
        pipes = [context.Pipe() for _ in range(NUM_PROCESSES)]
        theirs = [end for _, end in pipes]
        self._pipes = [end for end, _ in pipes]
        self._mother = context.Process(target=_fork_all, args=(theirs, self._start, environment))
        self._mother.start()
        assert self._mother.pid is not None
        self._pid = self._mother.pid
        self._watchdog = servers.watchdog
        self._watchdog.watch(Ward(stage=0, pid=self._pid, stop_signal=signal.SIGKILL))
        for end in theirs:
            end.close()

    def __enter__(self) -> "Racers":
        for pipe in self._pipes:
            assert pipe.poll(START_SECONDS), "a racer did not start"
            assert pipe.recv() == "ready"
        return self

    def __exit__(self, *exception: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        self._mother.join(timeout=10)
        kill_session(self._pid)
        self._mother.join()
        self._watchdog.forget(self._pid)

    def race(self, *acts: Act) -> list[str]:
        """Every thread does one of `acts`, which go round; the answers, in any order."""
        numbered = range(NUM_PROCESSES * THREADS_PER_PROCESS)
        for first, pipe in zip(numbered[::THREADS_PER_PROCESS], self._pipes, strict=True):
            pipe.send([acts[(first + i) % len(acts)] for i in range(THREADS_PER_PROCESS)])
        answers: list[str] = []
        for pipe in self._pipes:
            assert pipe.poll(ROUND_SECONDS), f"a racer did not come back; so far: {answers}"
            answers += pipe.recv()
        return answers


def _fork_all(pipes: Sequence[Connection], start: Barrier, environment: dict[str, str]) -> None:
    os.setsid()
    acts = _load(environment)
    for pipe in pipes:
        if os.fork() == 0:
            _run(pipe, start, acts)
            os._exit(0)  # what multiprocessing would tidy up is the mother's
    for pipe in pipes:
        pipe.close()
    for _ in pipes:
        os.wait()


def _load(environment: dict[str, str]) -> object:
    os.environ.update(environment)
    import django

    django.setup()
    from django.conf import settings

    from tests.operations.fake_type import OPERATION_TYPES, PATIENT
    from tests.operations.family_types import FAMILY_TYPES

    settings.OPERATION_TYPES = {**OPERATION_TYPES, **FAMILY_TYPES}
    for name, seconds in PATIENT.items():
        setattr(settings, name, seconds)
    return importlib.import_module("tests.operations.race_acts")


def _run(pipe: Connection, start: Barrier, acts: object) -> None:
    runners = [_Runner(acts, start) for _ in range(THREADS_PER_PROCESS)]
    pipe.send("ready")
    while True:
        try:
            round_ = pipe.recv()
        except EOFError:
            return
        pipe.send(_one_round(runners, round_))


def _one_round(runners: Sequence["_Runner"], acts: Sequence[Act]) -> list[str]:
    for runner, act in zip(runners, acts, strict=True):
        runner.begin(act)
    return [runner.end() for runner in runners]


class _Runner:
    """One thread, which lives as long as its process, and so does its connection."""

    def __init__(self, acts: object, start: Barrier) -> None:
        self._acts = acts
        self._start = start
        self._act: Act | None = None
        self._answer = ""
        self._go, self._done = threading.Semaphore(0), threading.Semaphore(0)
        threading.Thread(target=self._loop, daemon=True).start()

    def begin(self, act: Act) -> None:
        self._act = act
        self._go.release()

    def end(self) -> str:
        self._done.acquire()
        return self._answer

    def _loop(self) -> None:
        while True:
            self._go.acquire()
            assert self._act is not None
            act = getattr(self._acts, self._act.name)
            self._start.wait()
            try:
                self._answer = act(*self._act.arguments)
            except Exception as error:  # noqa: BLE001 - it is this thread's answer
                self._answer = f"{type(error).__name__}: {error}"
            self._done.release()

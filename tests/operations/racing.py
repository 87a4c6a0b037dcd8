"""Many processes and threads that do one thing at the same moment.

Each process is a KTRDR process of its own, on the test's database, with a connection per thread. A
round releases all threads from one barrier, and gives back what each of them got.
"""

import importlib
import multiprocessing
import os
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

NUM_PROCESSES = 8
THREADS_PER_PROCESS = 8
START_SECONDS = 60
ROUND_SECONDS = 120


class Act(NamedTuple):
    """A function of `race_acts`, and its arguments; it answers with a word."""

    name: str
    arguments: tuple[str | int, ...]


class Racers:
    def __init__(self, environment: dict[str, str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._start = context.Barrier(NUM_PROCESSES * THREADS_PER_PROCESS)
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(NUM_PROCESSES):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_run, args=(theirs, self._start, environment), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self) -> "Racers":
        for pipe in self._pipes:
            assert pipe.poll(START_SECONDS), "a racer did not start"
            assert pipe.recv() == "ready"
        return self

    def __exit__(self, *exception: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(timeout=10)
            process.kill()

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


def _run(pipe: Connection, start: Barrier, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    import django

    django.setup()
    from django.conf import settings

    from tests.operations.fake_type import OPERATION_TYPES, PATIENT
    from tests.operations.family_types import FAMILY_TYPES

    settings.OPERATION_TYPES = {**OPERATION_TYPES, **FAMILY_TYPES}
    for name, seconds in PATIENT.items():
        setattr(settings, name, seconds)
    acts = importlib.import_module("tests.operations.race_acts")
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

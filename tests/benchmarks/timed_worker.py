"""`manage.py rqworker`, but every horse says when it reached what.

    python -m tests.benchmarks.timed_worker MARKS_FILE [rqworker's arguments]

Adds a line of JSON per attempt to the file: name → seconds since the epoch. `enqueued` is when the
operation was created, which rings for it; `first step` is when its first batch has been trained.
Two names are no times: the horse's process id, and the private bytes it had before it loaded
anything.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ENQUEUED, FIRST_STEP = "enqueued", "first step"
PID, USS_AT_FORK = "pid", "USS at fork"
NO_TIMES = (PID, USS_AT_FORK)
LOOK_AT_MEMORY = "LOOK_AT_MEMORY"
"""The environment variable that asks for it: it takes 20 ms."""

marks: dict[str, float] = {}


def mark(name: str) -> None:
    marks.setdefault(name, time.time())


def _mark_before(owner: Any, attribute: str, name: str) -> None:
    real: Callable[..., Any] = getattr(owner, attribute)

    def marked(*args: Any, **kwargs: Any) -> Any:
        mark(name)
        return real(*args, **kwargs)

    setattr(owner, attribute, marked)


def _note_memory_at_fork(jobs: Any) -> None:
    train = jobs._train_to_an_end

    def noted(*args: Any) -> None:
        marks[USS_AT_FORK] = psutil.Process().memory_full_info().uss
        train(*args)

    jobs._train_to_an_end = noted


def _let_go_after_the_first_batch(trainer: Any) -> None:
    train = trainer.train

    def let_go(self: Any, dataset: Any, **where: Any) -> Any:
        self.run.attention.call()
        return train(self, dataset, **where)

    trainer.train = let_go


def _note_the_way() -> None:
    """The worker's own methods, each of them with a mark at its beginning."""
    from operations.models import Operation
    from training import jobs, worker
    from training.attempt.run_context import RunContext
    from training.model_trainer import ModelTrainer

    _mark_before(worker.TrainingWorker, "execute_job", "job taken")
    _mark_before(worker.TrainingWorker, "setup_work_horse_signals", "forked")
    _mark_before(jobs, "_claim", "job begun")
    _mark_before(jobs, "_train_to_an_end", "claimed")
    if os.environ.get(LOOK_AT_MEMORY):
        _note_memory_at_fork(jobs)
    _mark_before(RunContext, "dataset_ready", "features there")
    _mark_before(ModelTrainer, "train", "conditions recorded")
    _let_go_after_the_first_batch(ModelTrainer)
    passed = RunContext.at_boundary

    def first_boundary(self: RunContext, position: Any) -> Any:
        RunContext.at_boundary = passed  # type: ignore[method-assign]
        mark(FIRST_STEP)
        marks[PID] = os.getpid()
        marks[ENQUEUED] = Operation.objects.get(pk=self.key[0]).created_at.timestamp()
        with Path(sys.argv[1]).open("a") as file:
            file.write(json.dumps(marks) + "\n")
        return passed(self, position)

    RunContext.at_boundary = first_boundary  # type: ignore[method-assign]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    _note_the_way()
    call_command("rqworker", *sys.argv[2:])


if __name__ == "__main__":
    main()

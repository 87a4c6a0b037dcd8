"""Two trainings of the same thing: one that is killed, cancelled and resumed, and its twin."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from ktrdr_site.demo.screen import Screen
from ktrdr_site.demo.site import DemoSite
from operations import selectors
from operations.cancel import cancel_operation
from operations.models import Operation, Status
from operations.reading.following import Look, follow
from operations.reading.overview import Phase
from operations.reading.words import done_words
from operations.resume import resume_operation
from training.launch.start import StartRequest, start_training
from training.models import ModelArtifact
from training.views.sample import STRATEGY, sample_strategy

KILL_AT_PERCENT = 50.0
CANCEL_AT_PERCENT = 75.0
WEIGHTS = "model.safetensors"


class StoryFailed(Exception):
    """What did not happen as it should have."""


@dataclass(frozen=True, kw_only=True)
class Digests:
    """What a training left behind, in SHA-256."""

    state: str
    """Digest of all it ended with: weights, optimizer, schedule, history."""
    weights: str
    """Digest of the model's safetensors file, as it lies on disk: the best epoch's, so it is
    blind to what came after."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of the two trainings."""

    disturbed: Digests
    undisturbed: Digests
    result: dict[str, Any]
    """The undisturbed operation's: best epoch, metrics."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What every scene needs."""

    epochs: int
    screen: Screen
    site: DemoSite
    owner: AbstractBaseUser


def perform(stage: Stage) -> Outcome:
    disturbed, undisturbed = _disturbed(stage), _undisturbed(stage)
    return Outcome(
        disturbed=disturbed.digests(),
        undisturbed=undisturbed.digests(),
        result=undisturbed.result(),
    )


def _disturbed(stage: Stage) -> "_Training":
    training = _Training(stage, "disturbed")
    training.watch_until(_reached(KILL_AT_PERCENT))
    _kill_and_recover(stage, training)
    training.watch_until(_reached(CANCEL_AT_PERCENT))
    _cancel_and_resume(stage, training)
    training.watch_to_end(Status.COMPLETED)
    return training


def _undisturbed(stage: Stage) -> "_Training":
    training = _Training(stage, "undisturbed")
    training.watch_to_end(Status.COMPLETED)
    return training


def _kill_and_recover(stage: Stage, training: "_Training") -> None:
    pids = stage.site.kill_worker()
    killed = " and ".join(map(str, pids))
    stage.screen.tell(f"SIGKILL to the worker and its horse (processes {killed})", style="bold red")
    training.watch_until(
        lambda look: look.now.operation.attempt >= 2 and look.now.phase is Phase.TRAINING
    )
    origin = selectors.attempts(training.operation_id)[-1].resumed_from
    where = done_words(origin["epoch"], origin["batch"]) if origin else "nothing"
    stage.screen.tell(f"recovered by itself: attempt 2 went on after {where}", style="bold green")


def _cancel_and_resume(stage: Stage, training: "_Training") -> None:
    stage.screen.tell("cancel", style="bold red")
    cancel_operation(training.operation_id, reason="the demo")
    training.watch_to_end(Status.CANCELLED)
    origin = resume_operation(training.operation_id).resumed_from
    where = done_words(origin["epoch"], origin["batch"]) if origin else "nothing"
    stage.screen.tell(f"resume: attempt 3 goes on after {where}", style="bold green")


def _reached(percent: float) -> Callable[[Look], bool]:
    return lambda look: (
        look.now.phase is Phase.TRAINING and (look.now.progress["percent"] or 0.0) >= percent
    )


class _Training:
    def __init__(self, stage: Stage, name: str) -> None:
        self._stage = stage
        request = StartRequest(
            strategy_yaml=sample_strategy(), epochs=stage.epochs, name=f"{STRATEGY}, {name}"
        )
        self.operation_id = start_training(request, owner=stage.owner).pk
        stage.screen.tell(f"{name}: {stage.epochs} epochs of {STRATEGY}, {self.operation_id}")
        self._bar = stage.screen.add_training(name)
        self._seen = 0

    def watch_until(self, reached: Callable[[Look], bool]) -> None:
        for look in self._watch():
            if reached(look):
                return
        raise StoryFailed(f"{self.operation_id} ended too early, as {look.now.operation.status}.")

    def watch_to_end(self, expected: Status) -> None:
        for look in self._watch():
            operation = look.now.operation
        if operation.status != expected:
            raise StoryFailed(
                f"{self.operation_id} ended as {operation.status}, not as {expected}. "
                f"{operation.error_message}"
            )

    def digests(self) -> Digests:
        return Digests(state=self.result()["state_digest"], weights=self._weights_digest())

    def result(self) -> dict[str, Any]:
        result: dict[str, Any] | None = Operation.objects.get(pk=self.operation_id).result
        assert result is not None  # it has completed
        return result

    def _weights_digest(self) -> str:
        artifact = ModelArtifact.objects.get(
            trained_model__operation_id=self.operation_id, name=WEIGHTS
        )
        with artifact.file.open() as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()

    def _watch(self) -> Iterator[Look]:
        for look in follow(self.operation_id, after=self._seen):
            self._seen = look.last_event
            self._stage.site.require_running()
            self._stage.screen.show(self._bar, look)
            yield look

"""The fields of the pages that begin a training where another one stands."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from operations import selectors
from operations.models import Operation, Status
from operations.reading.words import done_words
from operations.views.once import OnceForm
from training.launch.changes import EPOCHS, LEARNING_RATE, read_settings, worth_trying
from training.views.start_form import LARGEST_INTEGER

MOST_TEXT = 20_000  # characters of settings


class BranchForm(OnceForm):
    def wanted(self) -> dict[str, Any]:
        """What a valid form asks for, as the verb's `prepare` takes it. Raises `StartInvalid`."""
        return {}

    def body(self) -> bytes:
        return _frozen(self.wanted())


class OpenTestForm(BranchForm):
    """Nothing is to be decided."""


class ExtendForm(BranchForm):
    epochs = forms.IntegerField(label="Epochs in all", min_value=1, max_value=LARGEST_INTEGER)

    def wanted(self) -> dict[str, Any]:
        return {"epochs": self.cleaned_data["epochs"]}


class ForkForm(BranchForm):
    settings = forms.CharField(
        label="Other settings, one a line", required=False, max_length=MOST_TEXT
    )
    checkpoint = forms.IntegerField(label="Go on from", required=False, min_value=1)
    accept_seen_test = forms.BooleanField(
        label="Score it all the same where its test part may have been trained on", required=False
    )

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        lines = [line for line in given["settings"].splitlines() if line.strip()]
        return {
            "settings": read_settings(lines),
            "checkpoint_id": given["checkpoint"],
            "accept_seen_test": given["accept_seen_test"],
        }

    def body(self) -> bytes:
        return _frozen(self.cleaned_data)


def first_extension(operation: Operation) -> dict[str, Any]:
    """Half as many epochs again; of one that was stopped what it was asked for."""
    epochs: int = operation.request["strategy"]["training"]["epochs"]
    is_done = operation.status == Status.COMPLETED
    return {"epochs": epochs + -(-epochs // 2) if is_done else epochs}


def first_fork(operation: Operation) -> dict[str, Any]:
    """What is worth trying after its failure; of a completed one more epochs, for none is left."""
    strategy: Mapping[str, Any] = operation.request["strategy"]
    settings = worth_trying(strategy, operation.error_code)
    if operation.status == Status.COMPLETED:
        settings = {LEARNING_RATE: strategy["training"]["learning_rate"]}
        settings |= {EPOCHS: first_extension(operation)["epochs"]}
    return {"settings": "\n".join(f"{path}={value}" for path, value in settings.items())}


def states(operation: Operation) -> list[tuple[int, str]]:
    """Checkpoints that it can go on from beside the newest, by id, in words."""
    return [
        (checkpoint.pk, done_words(checkpoint.epoch, checkpoint.batch))
        for checkpoint in selectors.checkpoints(operation.pk)
        if checkpoint.quarantined_at is None
    ]


def _frozen(wanted: Mapping[str, Any]) -> bytes:
    return json.dumps(wanted, sort_keys=True).encode()

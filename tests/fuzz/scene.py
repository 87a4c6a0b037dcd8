"""A site with something in every state, so that random requests meet more than 404."""

import shutil
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.lifecycle import Failure
from operations.models import Operation
from tests.acceptance import trainings
from tests.operations import scenes
from training.jobs import run_training
from training.models import TrainedModel
from training.uploads import folder


@dataclass(frozen=True, kw_only=True)
class Scene:
    user: User
    token: str
    """Of a member of staff, who may see and do everything."""
    known: dict[str, list[str]]
    """What there is, by path parameter."""

    def path_parameters(self, made: dict[str, Any], number: int) -> dict[str, Any]:
        """The made ones, or three times in four something that is there."""
        if number % 4 == 0:
            return made
        there = {name: self.known[name] for name in made if name in self.known}
        return {**made, **{name: values[number % len(values)] for name, values in there.items()}}

    def renew_upload(self) -> None:
        """A file in place of one that an earlier request has used up: all after it would be 404."""
        [upload_id] = self.known["upload_id"]
        if not any((folder.root() / upload_id / folder.CONTENT).glob("*")):
            self.known["upload_id"] = [_upload(self.user)]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def address(self, path: str) -> str:
        """Of something that is there, by the description's path."""
        return path.format_map({name: values[0] for name, values in self.known.items()})


def populate() -> Scene:
    user = User.objects.create_user("fuzzer", is_staff=True)
    _, token = tokens.issue(user, scope=Scope.OPERATE)
    completed = trainings.start(epochs=2)
    run_training(completed.pk, 1)
    cancelled = _claimed()
    checkpoint = scenes.save(cancelled, 1)
    assert lifecycle.request_cancel(cancelled.pk, reason="enough")
    assert lifecycle.cancel(cancelled.pk, cancelled.attempt)
    failed = _claimed()
    failure = Failure(code="training_failed", message="It broke.", traceback="")
    assert lifecycle.fail(failed.pk, failed.attempt, failure)
    operations = [trainings.start(), _claimed(), cancelled, failed, completed]
    shutil.rmtree(folder.root(), ignore_errors=True)  # of earlier users who had this number, too
    return Scene(
        user=user,
        token=token,
        known={
            "operation_id": [operation.pk for operation in operations],
            "checkpoint_id": [str(checkpoint.pk)],
            "model_id": [str(TrainedModel.objects.get(operation=completed).pk)],
            "symbol": ["SP500"],
            "upload_id": [_upload(user)],
            "timeframe": ["1d"],
            "name": ["model.pt", "sp500_daily"],
        },
    )


def _upload(user: User) -> str:
    """A file that is there."""
    upload = folder.open_upload(user, "prices.csv")
    folder.fill(upload.id).write_bytes(b"Date,Open,High,Low,Close\n2024-01-02,1,2,1,2\n")
    folder.filled(upload.id, None)
    return upload.id


def _claimed() -> Operation:
    return scenes.claim(trainings.start())

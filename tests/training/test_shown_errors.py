"""No error that a person is shown has a placeholder left in it."""

import inspect
import re

from django.conf import settings

from operations.errors import DomainError, OperationNotFound, pasteable
from training.errors import TrainingFailed


def every_error() -> list[type[DomainError]]:
    import checkpoints.errors  # noqa: F401
    import training.api.errors
    import training.features.errors
    import training.market_data.errors  # noqa: F401

    found: list[type[DomainError]] = []
    waiting = [DomainError]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return [error for error in found if error.__module__.split(".")[0] != "tests"]


def test_every_brace_of_a_message_is_a_detail_that_is_filled_in() -> None:
    for error in every_error():
        message = " ".join((inspect.getdoc(error) or "").split())
        details = dict.fromkeys(re.findall(r"\{(\w+)\}", message), "x")
        assert "{" not in message.format(**details), error


def test_every_command_in_a_message_can_be_pasted() -> None:
    for error in every_error():
        message = " ".join((inspect.getdoc(error) or "").split())
        pasted, wanted = pasteable(message), message.count("manage.py")
        assert pasted.count("manage.py") == pasted.count(settings.MANAGE) == wanted, error


def test_a_message_is_written_with_its_commands() -> None:
    told = str(OperationNotFound(operation_id="x"))
    assert f"`{settings.MANAGE} list_operations` shows what there is" in told


def test_a_failed_training_leaves_none() -> None:
    error = TrainingFailed(epoch=1, batch=2, reason="loss", last_good=None)  # type: ignore[arg-type]
    assert "{" not in str(error)

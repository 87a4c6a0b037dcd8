"""The settings that a fork changes: as a user writes them, as a name tells them, and what is worth
trying after a failure. Free of torch."""

from collections.abc import Iterable, Mapping
from typing import Any

from training.errors import StartInvalid
from training.strategy.document import read_value

EPOCHS = "training.epochs"
LEARNING_RATE = "training.learning_rate"
BATCH_SIZE = "training.batch_size"
SMALLER_STEP = 10.0
START_AGAIN = (
    "Start again with other settings, such as a smaller training.learning_rate or a "
    "training.gradient_clip: weights like these are no beginning."
)
"""What a failure's message ends with that left no state worth going on from."""
MOST_IN_A_NAME = 24  # characters of a value


def read_settings(texts: Iterable[str]) -> dict[str, Any]:
    """By path. Raises `StartInvalid`."""
    return dict(map(read_setting, texts))


def read_setting(text: str) -> tuple[str, Any]:
    """`training.learning_rate=0.01`, whose value is read as in a strategy file.

    Raises `StartInvalid`.
    """
    key, equals, value = text.partition("=")
    try:
        if not equals:
            raise ValueError("it has no =")
        return key.strip(), read_value(value)
    except ValueError as error:
        fault = {"pointer": "#/set", "detail": f"{text!r} is not key=value: {error}"}
        raise StartInvalid([fault]) from error


def in_words(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """`learning_rate 0.0003`; of what is not one short value that it has changed."""
    return tuple(_in_words(path, value) for path, value in settings.items()) or ("forked",)


def _in_words(path: str, value: Any) -> str:
    name, text = path.rpartition(".")[2], str(value)
    if not name.isprintable() or " " in name:
        return "setting changed"
    is_short = isinstance(value, str | int | float) and len(text) <= MOST_IN_A_NAME
    is_one_word = text.isprintable() and not {" ", ","} & set(text)
    return f"{name} {text}" if is_short and is_one_word else f"{name} changed"


def worth_trying(strategy: Mapping[str, Any], error_code: str) -> dict[str, Any]:
    """Settings to begin a fork with, after an operation of this snapshot failed so; few are known
    to help: a smaller step where the loss grew without bounds, a smaller batch for its memory."""
    training = strategy["training"]
    if error_code == "training_failed":
        return {LEARNING_RATE: float(f"{training['learning_rate'] / SMALLER_STEP:.6g}")}
    if error_code == "out_of_memory":
        return {BATCH_SIZE: max(1, training["batch_size"] // 2)}
    return {}

"""What came of a search, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from operations.models import Operation
from operations.operation_types import Headline, Link, Remedy
from operations.reading.words import OUT_AT_RUNG, number
from training.market_data.reading.words import counted as number_of
from training.trained import outcome as of_training
from training.views.metrics import sharpe_words

SHOWN_SETTINGS = 4
"""In a headline."""
TEST_SHARPE, OVERFITTING = IN_A_HEADLINE = "test Sharpe ratio", "probability of overfitting"
"""Of what a winner is worth."""


def headline(operation: Operation) -> Headline | None:
    """Who has won, with what, and what that is worth."""
    told = result(operation)
    if not told:
        return None
    settings = [f"{path} {words_of(value)}" for path, value in told["settings"].items()]
    more = len(settings) - SHOWN_SETTINGS
    first = ", ".join(settings[:SHOWN_SETTINGS]) + (f" and {more} more" if more > 0 else "")
    won = f"Trial {told['winner']:,} of {len(told['trials']):,} trials"
    by = f"{told['monitor']} {number(told['value'])} with {first}"
    known = [f"{name} {words}" for name, words in worth(told) if name in IN_A_HEADLINE]
    winner = Link(title="The winner", url=reverse("operation", args=[told["winner_id"]]))
    return Headline(text="; ".join([f"{won}: {by}", *known]), about=winner)


OTHER_CODE = "Give its workers the version that it began with, and resume it; or start it again."
REMEDIES = {
    "part_failed": "Once the cause is gone, resume it: that trial and the others go on where they "
    "were.",
    "code_changed": OTHER_CODE,
    "replay_mismatch": OTHER_CODE,
    "no_winner": "Search other values: none of these could be trained to the end.",
}


def remedy(operation: Operation) -> Remedy:
    """What helps after it failed."""
    words = REMEDIES.get(operation.error_code, "Resume it: it goes on with what its trials have.")
    return Remedy(words=words, is_resume=operation.error_code != "no_winner")


def result(operation: Operation) -> dict[str, Any] | None:
    """What was stored when it completed, with the winner's test part as it is looked at by now."""
    stored: dict[str, Any] | None = operation.result
    return stored and {**stored, "test": _test(stored["winner_id"])}


def _test(winner_id: str) -> Mapping[str, Any] | None:
    """None where its model has gone."""
    winner = Operation.objects.filter(pk=winner_id).first()
    told = (winner and of_training.result(winner)) or {}
    test: Mapping[str, Any] = told.get("test", {})
    return test if "times_scored" in test else None


def worth(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the winner is worth, as name and words; `result` is what the function of that name
    tells."""
    if test := result["test"]:
        looks = number_of(test["times_scored"], "look")
        yield TEST_SHARPE, sharpe_words(test["metrics"], by=looks)
    if told := result.get("overfitting"):
        trials = number_of(told["trials"], "trial")
        yield "validation Sharpe ratio", sharpe_words(told, by=trials)
        if (probability := told["probability_of_overfitting"]) is not None:
            days = number_of(told["days"], "day")
            yield OVERFITTING, f"{100 * probability:.0f} % or more ({trials}, {days})"


def outcome(operation: Operation) -> Iterator[tuple[str, str]]:
    """For a terminal."""
    told = result(operation)
    if not told:
        return
    yield "winner", f"trial {told['winner']:,}, {told['winner_id']}"
    for path, value in told["settings"].items():
        yield path, words_of(value)
    yield told["monitor"], f"{told['value']:.6g}"
    yield from worth(told)
    for end, count in counted(told["trials"]).items():
        yield END_WORDS.get(end, end), f"{count:,}"
    for path, share in told.get("importance", ()):
        yield f"importance of {path}", f"{100 * share:.0f} %"
    yield "weights", f"sha256 {told['weights_sha256']}"
    yield "digest of all trials", told["digest"]


END_WORDS = {
    "completed": "went to the end",
    "out_at_rung": OUT_AT_RUNG,
    "by_hand": "cancelled by hand",
    "cannot_be_trained": "could not be trained",
    "training_failed": "diverged",
}


def counted(trials: list[Mapping[str, Any]]) -> dict[str, int]:
    """How many trials ended how, the most frequent first."""
    ends = [trial["end"] for trial in trials]
    return dict(sorted({end: ends.count(end) for end in ends}.items(), key=lambda it: -it[1]))


def words_of(value: Any) -> str:
    """A setting's value for a person."""
    return number(value) if isinstance(value, float) else str(value)

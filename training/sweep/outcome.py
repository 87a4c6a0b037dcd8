"""What came of a search, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from operations.models import Operation
from operations.operation_types import Headline, Link, Remedy

SHOWN_SETTINGS = 4
"""In a headline."""


def headline(operation: Operation) -> Headline | None:
    """Who has won, with what, and how many went how far."""
    result = operation.result
    if not result:
        return None
    settings = [f"{path} {words_of(value)}" for path, value in result["settings"].items()]
    more = len(settings) - SHOWN_SETTINGS
    shown = ", ".join(settings[:SHOWN_SETTINGS]) + (f" and {more} more" if more > 0 else "")
    trials = f"{len(result['trials']):,} trials"
    text = f"Trial {result['winner']:,} of {trials}: {result['monitor']} {result['value']:.4g}"
    winner = Link(title="The winner", url=reverse("operation", args=[result["winner_id"]]))
    return Headline(text=f"{text} with {shown}", about=winner)


REMEDIES = {
    "part_failed": "Once the cause is gone, resume it: that trial and the others go on where they "
    "were.",
    "code_changed": "Give its workers the version that it began with, and resume it; or start it "
    "again.",
    "no_winner": "Search other values: none of these could be trained to the end.",
}


def remedy(operation: Operation) -> Remedy:
    """What helps after it failed."""
    words = REMEDIES.get(operation.error_code, "Resume it: it goes on with what its trials have.")
    return Remedy(words=words, is_resume=operation.error_code != "no_winner")


def outcome(operation: Operation) -> Iterator[tuple[str, str]]:
    """For a terminal."""
    result = operation.result
    if not result:
        return
    yield "winner", f"trial {result['winner']:,}, {result['winner_id']}"
    for path, value in result["settings"].items():
        yield path, words_of(value)
    yield result["monitor"], f"{result['value']:.6g}"
    for end, count in counted(result["trials"]).items():
        yield END_WORDS.get(end, end), f"{count:,}"
    for path, share in result.get("importance", ()):
        yield f"importance of {path}", f"{share:.0%}"
    yield "weights", f"sha256 {result['weights_sha256']}"
    yield "digest of all trials", result["digest"]


END_WORDS = {
    "completed": "went to the end",
    "out_at_rung": "out at a rung",
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
    return f"{value:.4g}" if isinstance(value, float) else str(value)

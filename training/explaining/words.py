"""An explanation as lines of a table, for pages and terminals."""

from collections.abc import Iterator, Mapping
from typing import Any

from operations.reading.words import number_of, share_words
from training.explaining.one_bar import RETURN

LEAST_SHARE = 0.0005
"""Of the strengths: a rule with less is told with the others of that kind."""
TOGETHER = "together"
MEDIANS = "at the medians"
OUTPUT = "the output"
FINE_PRINT = (
    "A change is what the network says less what it says with that indicator alone at the median "
    "of its training rows. What indicators do only together, or several alike, is the remainder. "
    "All lines above sum to the output. It tells how the network computes, and nothing of causes."
)


def heads(told: Mapping[str, Any]) -> tuple[str, ...]:
    return ("Indicator", "Value", "Median", *(name.capitalize() for name in told["output"]))


def lines(told: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The largest change first, then the remainder, what is said at the medians, and the sum."""
    for line in told["changes"]:
        values = (f"{it['value']:.6g}" for it in line["values"])
        medians = (f"{it['median']:.6g}" for it in line["values"])
        yield (line["group"], ", ".join(values), ", ".join(medians), *_changes(line["change"]))
    yield (TOGETHER, "", "", *_changes(told["together"]))
    yield (MEDIANS, "", "", *_shares(told["at_medians"]))
    yield (OUTPUT, "", "", *_shares(told["output"]))


RULES = (
    "What each rule adds to the outputs before they become probabilities: its share of all "
    "strengths, times what it says. They sum to these outputs, OTHERWISE among them."
)
RULES_OF_RETURN = (
    "What each rule adds to the return: its share of all strengths, times what it says. They sum "
    "to it, OTHERWISE among them."
)


def about_rules(told: Mapping[str, Any]) -> str:
    return RULES_OF_RETURN if RETURN in told["output"] else RULES


def rule_heads(told: Mapping[str, Any]) -> tuple[str, ...]:
    return ("Rule", "Share", *(name.capitalize() for name in told["output"]))


def rule_lines(told: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The strongest first, then all that hardly hold; none of a network without rules."""
    held = [rule for rule in told["rules"] if rule["share"] >= LEAST_SHARE]
    for rule in held:
        yield (rule["rule"], *_added(rule["share"], rule["adds"]))
    if others := told["rules"][len(held) :]:
        share = sum(rule["share"] for rule in others)
        adds = {name: sum(rule["adds"][name] for rule in others) for name in told["output"]}
        yield (f"{number_of(len(others), 'other')}", *_added(share, adds))


def _added(share: float, adds: Mapping[str, float]) -> Iterator[str]:
    yield share_words(share)
    for name, value in adds.items():
        yield f"{100 * value:+z.3f} %" if name == RETURN else f"{value:+z.3f}"


def _changes(values: Mapping[str, float]) -> Iterator[str]:
    for name, value in values.items():
        yield f"{100 * value:+z.3f} %" if name == RETURN else f"{100 * value:+z.1f}"


def _shares(values: Mapping[str, float]) -> Iterator[str]:
    for name, value in values.items():
        yield f"{100 * value:+z.3f} %" if name == RETURN else share_words(value)

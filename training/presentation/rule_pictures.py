"""Rules as SVG: each one's sentence above the bars of how often it fires and decides."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations.reading.words import share_words
from training.presentation.account_pictures import joined, words
from training.trained.rules import Sentence

WIDTH, LEFT, RIGHT = 900.0, 8.0, 825.0
ROW, BAR = 34.0, 10.0
MOST_DRAWN = 40
MOST_CHARACTERS = 130


def height(rules: Sequence[Sentence]) -> float:
    return ROW * len(rules) + 8.0


def body(rules: Sequence[Sentence]) -> SafeString:
    """Bars as long as 817 points are of all bars of the training."""
    return joined([_row(number, rule) for number, rule in enumerate(rules)])


def _row(number: int, rule: Sentence) -> SafeString:
    top, told = ROW * number, str(rule)
    if len(told) > MOST_CHARACTERS:
        told = f"{told[: MOST_CHARACTERS - 1]}…"
    return joined(
        [
            words(LEFT, top + 15, told),
            _bar("colour-soft", top + 20, rule.fires),
            _bar("colour-1", top + 20, rule.decides),
            words(RIGHT + 6, top + 29, share_words(rule.decides)),
        ]
    )


def _bar(colour: str, top: float, share: float) -> SafeString:
    return format_html(
        '<path class="bars {}" d="M{} {}h{}v{}H{}z"></path>',
        colour,
        *(f"{value:.1f}" for value in (LEFT, top, share * (RIGHT - LEFT), BAR, LEFT)),
    )

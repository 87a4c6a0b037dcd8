"""The start page's form, filled in and read as its tests do."""

from typing import Any

from training.strategy import find_strategy

START = "/start/"
SP500 = find_strategy("sp500_daily").text
HTMX = {"HX-Request": "true"}


def form(**changes: Any) -> dict[str, Any]:
    return {
        "key": "k1",
        "strategy_yaml": SP500,
        "device": "auto",
        "priority": "normal",
        "action": "start",
        **changes,
    }


def shown(answer: Any) -> str:
    text: str = answer.content.decode()
    return text

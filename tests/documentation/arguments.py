"""`ktrdr_site/command/arguments.json`: what the commands take, for TAB, which cannot wait."""

import json
from argparse import Action
from typing import Any

from ktrdr_site.command.completion import ARGUMENTS
from ktrdr_site.command.words import WORDS
from tests.documentation import sources
from tests.documentation.reference import own
from training.market_data.samples import SAMPLES

KINDS = {
    "id": "id",
    "lineage": "id",
    "model": "model",
    "what": "picture",
    "strategy": "strategy",
    "symbol": "symbol",
    "symbols": "symbol",
    "space": "space",
    "file": "file",
    "out": "file",
}
"""What completes an argument, by its name."""
OF_ONE_COMMAND = {("validate_strategy", "file"): "strategy"}


def arguments() -> str:
    parsers = sources.commands()
    shown = {
        word.command: [_argument(word.command, action) for action in own(parsers[word.command])]
        for word in WORDS.values()
    }
    told = {"samples": sorted({symbol for symbol, _ in SAMPLES}), "commands": shown}
    return json.dumps(told, indent=1) + "\n"


def write() -> None:
    ARGUMENTS.write_text(arguments())


def _argument(command: str, action: Action) -> dict[str, Any]:
    told: dict[str, Any] = {"names": list(action.option_strings) or [action.dest]}
    if action.nargs == 0:
        told["action"] = "store_true"
    elif action.nargs is not None:
        told["nargs"] = action.nargs
    if action.choices is not None:
        told["choices"] = [str(choice) for choice in action.choices]
    if kind := OF_ONE_COMMAND.get((command, action.dest), KINDS.get(action.dest)):
        told["completes"] = kind
    return told

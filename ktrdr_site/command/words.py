"""The words of `ktrdr`, and the command of `manage.py` that each is: the only table of them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word, or two where the first one is shared, as `data list` has it."""

    typed: str
    """After `ktrdr`."""
    command: str
    """Of `manage.py`."""
    about: str
    """For the help on one screen: a few words."""


SECTIONS: dict[str, tuple[Word, ...]] = {
    "Train": (
        Word(typed="start", command="start_training", about="train a strategy"),
        Word(typed="sweep", command="start_sweep", about="search its settings"),
        Word(typed="walk", command="start_walk_forward", about="score it on all its history"),
        Word(typed="walk-on", command="extend_walk_forward", about="… and on what came since"),
        Word(typed="cross", command="start_cross_validation", about="score it by groups of bars"),
    ),
    "Strategies": (
        Word(typed="check", command="validate_strategy", about="every fault, with its line"),
        Word(typed="convert", command="convert_strategy", about="from the original KTRDR"),
        Word(typed="sets", command="plot_sets", about="draw its fuzzy sets"),
    ),
    "Models and data": (
        Word(typed="models", command="list_models", about="list and sort them"),
        Word(typed="predict", command="predict", about="what one decides"),
        Word(typed="explain", command="explain", about="why, on one bar"),
        Word(typed="importance", command="importance", about="which inputs it needs"),
        Word(typed="rules", command="rules", about="those of a model of rules"),
        Word(typed="export", command="export", about="tables, ONNX, TensorBoard"),
        Word(typed="ledger", command="ledger", about="looks at a symbol's tests"),
        Word(typed="data list", command="list_market_data", about="what can be trained on"),
        Word(typed="data import", command="import_market_data", about="from any file of prices"),
        Word(typed="data undo", command="undo_import", about="take an import back"),
        Word(typed="data forget", command="forget_market_data", about="all of a series"),
    ),
    "Operations": (
        Word(typed="ls", command="list_operations", about="list and sort them"),
        Word(typed="show", command="show_operation", about="one, and what can be done"),
        Word(typed="follow", command="follow_operation", about="watch one, or the newest"),
        Word(typed="cancel", command="cancel_operation", about="it saves what it has"),
        Word(typed="resume", command="resume_operation", about="go on from where it was"),
        Word(typed="restart", command="restart_operation", about="the same from the start"),
        Word(typed="extend", command="extend_operation", about="train for more epochs"),
        Word(typed="fork", command="fork_operation", about="go on with other settings"),
        Word(typed="open-test", command="open_test", about="score what was not scored"),
        Word(typed="tag", command="describe_operation", about="tags and a note"),
    ),
    "The site": (
        Word(typed="up", command="up", about="all of it, until Ctrl-C"),
        Word(typed="doctor", command="doctor", about="what is broken, what helps"),
        Word(typed="token", command="create_token", about="for the API"),
        Word(typed="verify", command="verify_checkpoints", about="read them back"),
        Word(typed="prune checkpoints", command="prune_checkpoints", about="delete old ones"),
        Word(typed="prune histories", command="prune_operations", about="of old operations"),
    ),
}
WORDS = {word.typed: word for section in SECTIONS.values() for word in section}

A_SERVICE = "a service: `up` starts it, and on other machines their own supervisor does"
NOT_HERE = {
    "rqworker": A_SERVICE,
    "serve": A_SERVICE,
    "sweep_operations": A_SERVICE,
    "compile": "`make up` has run it",
    "demo": "it is `make demo`, on a site of its own",
}
"""Commands of `manage.py` that are none of `ktrdr`'s, with the reason."""


def group(first: str) -> dict[str, Word]:
    """By its second word, what shares a first one; empty where none does."""
    parts = ((typed.split(), word) for typed, word in WORDS.items())
    return {second[0]: word for (name, *second), word in parts if second and name == first}

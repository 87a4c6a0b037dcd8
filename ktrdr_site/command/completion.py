"""TAB after `ktrdr`: words, options, and what there is of ids, symbols and strategies.

Nothing here imports a command, a model or a view: those take seconds, and a person waits. What
commands take is in `arguments.json`, which `make reference` writes; ids and symbols are read from
the site's own SQLite, or with the settings alone.
"""

import json
import os
import sqlite3
import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import argcomplete
from argcomplete.completers import FilesCompleter, SuppressCompleter

from ktrdr_site.command.words import WORDS, Word
from ktrdr_site.local.place import BASE_DIR, DATABASE_FILE, data_directory

ARGUMENTS = Path(__file__).with_name("arguments.json")
STRATEGIES, SPACES = BASE_DIR / "training" / "strategies", BASE_DIR / "training" / "spaces"
MOST_IDS = 100
"""The newest."""
IDS = """SELECT id FROM operations_operation WHERE id LIKE %s ESCAPE '!' {chosen}
ORDER BY created_at DESC LIMIT {most}"""
CHOSEN = {
    "cancel": "AND status IN ('pending', 'running')",
    "resume": "AND status IN ('cancelled', 'failed')",
    "follow": "AND status IN ('pending', 'running')",
}
"""By word: the operations that it is for; of the others it is for any."""
MODELS = "AND id IN (SELECT operation_id FROM training_trainedmodel)"
SYMBOLS = "SELECT DISTINCT symbol FROM training_import WHERE symbol LIKE %s ESCAPE '!'"

Found = Iterable[str]


def complete() -> None:
    """Answers the shell, and ends the process."""
    argcomplete.autocomplete(
        parser(),
        always_complete_options=False,
        validator=_anywhere,
        default_completer=SuppressCompleter(),
    )


def parser() -> ArgumentParser:
    """Of all words, with what completes each argument."""
    taken = json.loads(ARGUMENTS.read_text())
    whole = ArgumentParser(prog="ktrdr")
    words = whole.add_subparsers()
    groups: dict[str, Any] = {}
    for typed, word in WORDS.items():
        first, *second = typed.split()
        if second and first not in groups:
            groups[first] = words.add_parser(first, help="").add_subparsers()
        into = groups[first] if second else words
        own = into.add_parser(typed.split()[-1], help=word.about)  # zsh shows it
        _add(own, word, taken["commands"][word.command])
    return whole


def ids(word: str, prefix: str, *, chosen: str = "") -> Found:
    """Of the newest operations that begin with it; or else of those that end with it."""
    query = IDS.format(chosen=chosen or CHOSEN.get(word, ""), most=MOST_IDS)
    like = _escaped(prefix)
    return _column(query, f"{like}%") or (_column(query, f"%{like}") if prefix else [])


def symbols(prefix: str) -> Found:
    samples: list[str] = json.loads(ARGUMENTS.read_text())["samples"]
    return {*samples, *_column(SYMBOLS, f"{_escaped(prefix)}%")}


def _add(parser: ArgumentParser, word: Word, arguments: Iterable[dict[str, Any]]) -> None:
    for argument in arguments:
        names, completes = argument.pop("names"), argument.pop("completes", None)
        action: Any = parser.add_argument(*names, **argument)
        if completes:
            action.completer = partial(_completed, completes, word)


def _strategies(prefix: str) -> Found:
    return [*_names_in(STRATEGIES), *_files(prefix, "yaml", "yml")]


def _names_in(folder: Path) -> Found:
    return [path.stem for path in folder.glob("*.yaml")]


def _files(prefix: str, *endings: str) -> Found:
    found: list[str] = FilesCompleter(endings)(prefix)
    return [path for path in found if not path.startswith(".") or prefix]


def _models(word: Word, prefix: str) -> Found:
    return ids(word.typed, prefix, chosen=MODELS)


def _pictured(word: Word, prefix: str) -> Found:
    return [*_strategies(prefix), *_models(word, prefix)]


COMPLETERS: dict[str, Callable[[Word, str], Found]] = {
    "id": lambda word, prefix: ids(word.typed, prefix),
    "model": _models,
    "picture": _pictured,
    "strategy": lambda _, prefix: _strategies(prefix),
    "symbol": lambda _, prefix: symbols(prefix),
    "space": lambda _, prefix: [*_names_in(SPACES), *_files(prefix, "yaml")],
    "file": lambda _, prefix: _files(prefix),
}
"""By what an argument is."""


def _completed(kind: str, word: Word, prefix: str, **_: Any) -> Found:
    return COMPLETERS[kind](word, prefix)


def _anywhere(completion: str, prefix: str) -> bool:
    """An id also by its end: that is what a person can type of it."""
    return completion.startswith(prefix) or completion.endswith(prefix)


def _escaped(prefix: str) -> str:
    for special in "!%_":
        prefix = prefix.replace(special, f"!{special}")
    return prefix


def _column(query: str, like: str) -> Sequence[str]:
    """Empty where there is no site, or it does not answer: TAB complains of nothing."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return _column_of_settings(query, like)
    try:
        database = data_directory() / DATABASE_FILE
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reading:
            return [str(row[0]) for row in reading.execute(query.replace("%s", "?"), [like])]
    except (sqlite3.Error, OSError):
        return []


def _column_of_settings(query: str, like: str) -> Sequence[str]:
    """Of a database that only Django knows how to reach, which takes ten times as long."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connection
    from django.db.utils import DatabaseError, InterfaceError

    try:
        stored = connection.settings_dict
        if connection.vendor == "sqlite" and not Path(stored["NAME"]).exists():
            return []
        with warnings.catch_warnings(), connection.cursor() as cursor:
            warnings.simplefilter("ignore", RuntimeWarning)  # no app is loaded, and none is needed
            cursor.execute(query, [like])
            return [str(row[0]) for row in cursor.fetchall()]
    except (ImproperlyConfigured, DatabaseError, InterfaceError):
        return []

"""From what is typed after `ktrdr` to the command of `manage.py`, without Django's own options."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

from ktrdr_site.command.screen import of_group, screen
from ktrdr_site.command.words import NOT_HERE, WORDS, Word, group

HELP = ("--help", "-h", "help")
BAD_INPUT = 2


def main(arguments: Sequence[str]) -> None:
    """Ends the process with the command's exit code."""
    if not arguments or (arguments[0] in HELP and not arguments[1:]):
        _say(screen())
        return
    if arguments[0] == "help":
        arguments = [*arguments[1:], "--help"]
    first, *rest = arguments
    if first in WORDS:
        _run(WORDS[first], rest)
    elif seconds := group(first):
        _run_one_of(first, seconds, rest)
    else:
        sys.exit(_refuse(first))


def _run_one_of(first: str, seconds: dict[str, Word], rest: Sequence[str]) -> None:
    """Alone, or before options, a group means its list, if it has one."""
    if rest and rest[0] in seconds:
        _run(seconds[rest[0]], rest[1:])
    elif set(HELP) & {*rest[:1]}:
        _say(of_group(first))
    elif "list" in seconds and all(word.startswith("-") for word in rest[:1]):
        _run(seconds["list"], rest)
    else:
        print(f"Error: {first} what?\n{of_group(first)}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def _say(text: str) -> None:
    from ktrdr_site.terminal import plain_speech

    with plain_speech():
        print(text)


def _refuse(name: str) -> int:
    """Says what was meant. Returns the exit code."""
    typed = next((word.typed for word in WORDS.values() if word.command == name), None)
    known = {word.split()[0] for word in WORDS}
    if typed:
        told = f"`manage.py {name}` is `ktrdr {typed}`."
    elif name in NOT_HERE:
        told = f"`manage.py {name}` is none of ktrdr's: {NOT_HERE[name]}."
    elif near := get_close_matches(name, known, n=1):
        told = f"there is no command {name}: did you mean {near[0]}?"
    else:
        told = f"there is no command {name}. `ktrdr` lists what there is."
    print(f"Error: {told}", file=sys.stderr)
    return BAD_INPUT


def _run(word: Word, arguments: Sequence[str]) -> None:
    from ktrdr_site.command.running import run

    run([word.command, *arguments], lambda: _execute(word, arguments))


def _execute(word: Word, arguments: Sequence[str]) -> None:
    import django

    django.setup()
    command_of(word).run_from_argv(["ktrdr", word.typed, *arguments])


def command_of(word: Word) -> Any:
    """The command of `manage.py`, which takes none of Django's own options any more."""
    from django.core.management import get_commands, load_command_class

    command: Any = load_command_class(str(get_commands()[word.command]), word.command)
    command.add_base_argument = _leave_out
    command.create_parser = partial(_bare_parser, command, command.create_parser)
    return command


def _bare_parser(command: Any, create: Callable[..., Any], *names: str) -> Any:
    """Where there are system checks to skip, Django adds that option past `add_base_argument`."""
    checks, command.requires_system_checks = command.requires_system_checks, ()
    try:
        parser = create(*names)
    finally:
        command.requires_system_checks = checks
    parser.set_defaults(skip_checks=False)
    return parser


def _leave_out(parser: ArgumentParser, *names: str, **wanted: Any) -> None:
    """Of an option of Django's, which nobody can give then, what it is without being given."""
    option = ArgumentParser(add_help=False).add_argument(*names, **wanted)
    parser.set_defaults(**{option.dest: option.default})

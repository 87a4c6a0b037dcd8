"""What a caller of a resume may decide: each type of operation brings its own.

A type's options are the fields of one dataclass, the row `resume_options` of `OPERATION_TYPES`:

    @dataclass(frozen=True, kw_only=True)
    class SweepResumeOptions(ResumeOptions):
        skip_failed: bool = yes_or_no(help="Leave out what failed.", label="without what failed")
        order: str | None = one_of(("grid", "random"))

The API's body, the command's arguments and the page's checkboxes are made of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ResumeOptions:
    """Nothing: a type without options of its own has none."""


@dataclass(frozen=True, kw_only=True)
class ResumeOption:
    """One field of a type's options, as a surface offers it."""

    name: str = ""
    choices: tuple[str, ...] = ()
    """Empty for a yes or no, which is no by default. Of choices none is the default."""
    help: str = ""
    """What the command's `--help` says of it."""
    label: str = ""
    """What stands beside its checkbox; the page has none where this is empty."""


def yes_or_no(*, help: str, label: str = "") -> Any:
    """A field that is False unless a caller says otherwise."""
    return field(default=False, metadata={"help": help, "label": label})


def one_of(choices: Sequence[str], *, help: str = "") -> Any:
    """A field that is None unless a caller takes one of these."""
    return field(default=None, metadata={"choices": tuple(choices), "help": help})


def declared(options: type[ResumeOptions]) -> list[ResumeOption]:
    return [ResumeOption(name=each.name, **each.metadata) for each in fields(options)]

"""What a person can say about a file: the same words in command, form and API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from training.market_data.reading.zones import parse_zone

ROLES = ("time", "clock", "open", "high", "low", "close", "volume", "symbol")
"""What a column can be."""

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}


def _header(text: str) -> int:
    if text == "none":
        return 0
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{text!r} is neither `none` nor the number of a line")
    return int(text)


def _delimiter(text: str) -> str:
    mark = DELIMITERS.get(text, text)
    if mark not in DELIMITERS.values():
        raise ValueError(f"{text!r} is none of {', '.join(DELIMITERS)}")
    return mark


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    """`time=Date,close=Adj Close`: a comma parts two columns only before a role."""
    found: list[tuple[str, str]] = []
    for part in text.split(","):
        role, mark, name = part.partition("=")
        if mark and role.strip() in ROLES:
            found.append((role.strip(), name.strip()))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]},{part}")
        else:
            raise ValueError(f"{part!r} is not ROLE=NAME; a role is one of {', '.join(ROLES)}")
    return tuple(found)


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is none of {', '.join(words)}")
        return text

    return parse


def _zone(text: str) -> str:
    return parse_zone(text).text


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option, as every surface has it."""

    name: str
    """With underscores; a command writes `--skip-last`."""
    takes: str | None
    """What stands for its value; None of one that is said or not."""
    help: str
    parse: Callable[[str], Any] = str
    """Raises `ValueError` with a sentence."""

    @property
    def flag(self) -> str:
        """As a command has it."""
        return f"--{self.name.replace('_', '-')}"


OPTIONS = (
    Option(
        name="header",
        takes="none|LINE",
        help="Line that names the columns, or `none`. Default: found.",
        parse=_header,
    ),
    Option(
        name="delimiter",
        takes="MARK",
        help="What parts the fields: comma, semicolon, tab, pipe or space. Default: found.",
        parse=_delimiter,
    ),
    Option(name="sheet", takes="NAME", help="Sheet of a workbook. Default: the only visible one."),
    Option(
        name="columns",
        takes="ROLE=NAME,…",
        help="Columns by role (time, clock, open, high, low, close, volume, symbol); a name, #N "
        "for the N-th, or none. Default: by their names.",
        parse=_columns,
    ),
    Option(name="only", takes="VALUE", help="Which instrument of a file that has several."),
    Option(
        name="dates",
        takes="dmy|mdy|ymd",
        help="Order of day, month and year in dates like 03/06/2024. Default: as the file proves.",
        parse=_one_of("dmy", "mdy", "ymd"),
    ),
    Option(
        name="decimal",
        takes="MARK",
        help="The decimal mark, . or , (the other one parts thousands). Default: as the file "
        "proves.",
        parse=_one_of(".", ","),
    ),
    Option(
        name="timezone",
        takes="ZONE",
        help="Zone of times without an offset: America/New_York, +02:00, or America/New_York+7h "
        "for a clock 7 h ahead of it. Default: as the symbol was imported before, else UTC.",
        parse=_zone,
    ),
    Option(
        name="stamps",
        takes="open|close",
        help="Whether a time is the open or the close of its bar; of a week, its first or its last "
        "day. Default: open.",
        parse=_one_of("open", "close"),
    ),
    Option(name="skip_last", takes=None, help="Leave out the newest bar: it is still running."),
    Option(
        name="skip_bad_rows", takes=None, help="Leave out rows that cannot be read, and count them."
    ),
    Option(name="allow_negative", takes=None, help="Take prices of 0 and below."),
)


OF_IMPORTS = (
    Option(
        name="replace",
        takes=None,
        help="Let the file's bars take the place of the stored ones.",
    ),
    Option(
        name="new_symbol",
        takes=None,
        help="The symbol is another one than what differs from it by upper and lower case.",
    ),
)
"""What can be said about an import, beside how its file is read."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was said about a file; None and False of what was not. See `OPTIONS`."""

    header: int | None = None
    """Number of the line, from 1; 0 for none."""
    delimiter: str | None = None
    sheet: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    only: str | None = None
    dates: str | None = None
    decimal: str | None = None
    timezone: str | None = None
    stamps: str | None = None
    skip_last: bool = False
    skip_bad_rows: bool = False
    allow_negative: bool = False

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From parsed values by name; others, and None, are left aside."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: it for name, it in said.items() if name in names and it is not None})


NOTHING_SAID = Options()

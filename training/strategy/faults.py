"""What is wrong with a strategy, where it says so, and what was probably meant."""

import difflib
import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from operations.errors import DomainError

MAX_KNOWN = 50  # words that a wrong one is compared with; there are 31 indicators
MAX_WORD = 100  # characters of it

Location = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, or worth a warning."""

    location: Location
    """Keys and list positions from the document's root; empty for the document itself."""
    message: str
    """What is wrong and what would be right, as the end of a sentence about the path."""
    line: int | None = None
    """Line in the source text, from 1; None where there is no text, as with a snapshot."""

    @property
    def path(self) -> str:
        """As people write it: `nn_inputs[0].fuzzy_set`."""
        return dotted(self.location)

    @property
    def pointer(self) -> str:
        """As programs write it: a JSON pointer in a URI fragment (RFC 6901 §6)."""
        return "#" + "".join("/" + _escaped(str(part)) for part in self.location)

    @property
    def detail(self) -> str:
        """The message and its line."""
        return f"{self.message} (line {self.line})" if self.line is not None else self.message

    def __str__(self) -> str:
        return f"{self.path or 'the document'}: {self.detail}"


class StrategyInvalid(DomainError):
    """The strategy {source} is not valid: {summary}"""

    code = "strategy_invalid"
    status = 400

    def __init__(self, source: str, faults: Iterable[Fault]) -> None:
        """Takes at least one fault; the message names the first, `errors` all of them."""
        self.source = source
        self.faults = tuple(faults)
        more = f" (and {len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        super().__init__(
            errors=[{"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults],
            source=source,
            summary=f"{self.faults[0]}{more}",
        )


class StrategyNotFound(DomainError):
    """There is no strategy {name}.{hint} Shipped strategies: {known}."""

    code = "strategy_not_found"
    status = 404


def dotted(location: Location) -> str:
    """`("nn_inputs", 0, "fuzzy_set")` as `nn_inputs[0].fuzzy_set`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def did_you_mean(word: object, known: Collection[str]) -> str:
    """The end of a message about an unknown word: the near one, or all there are."""
    words = list(itertools.islice(known, MAX_KNOWN))
    near = difflib.get_close_matches(str(word)[:MAX_WORD].lower(), words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    more = f" and {len(known) - MAX_KNOWN} more" if len(known) > MAX_KNOWN else ""
    return f"known here: {', '.join(words)}{more}" if words else "nothing is accepted here"


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")

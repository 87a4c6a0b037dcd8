"""What is wrong with a strategy, where it says so, and what was probably meant."""

import difflib
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from operations.errors import DomainError
from training.strategy.synonyms import meant

MAX_FAULTS = 100  # that are told of; whoever made more has made the same one over and over
MAX_SUGGESTIONS = 20  # faults that say what was probably meant
MAX_KNOWN = 50  # words that a wrong one is compared with; there are 31 indicators
MAX_WORD = 40  # characters of each; a comparison may take their cube
MAX_COMPARED = 250_000  # pairs of characters, of all suggestions; one usually takes 4,000


Location = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A word, and those that are known where it stands."""

    word: str
    known: tuple[str, ...]

    @property
    def num_compared(self) -> int:
        """Pairs of characters that a suggestion looks at."""
        return min(len(self.word), MAX_WORD) * sum(map(len, _comparable(self.known)))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, or worth a warning."""

    location: Location
    """Keys and list positions from the document's root; empty for the document itself."""
    message: str
    """What is wrong and what would be right, as the end of a sentence about the path."""
    line: int | None = None
    """Line in the source text, from 1; None where there is no text, as with a snapshot."""
    unknown: "Unknown | None" = None
    """The word that is not known there, if that is the fault: `StrategyInvalid` makes a suggestion
    of it."""

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

    def __init__(self, source: str, faults: Iterable[Fault], *, num_more: int = 0) -> None:
        """Takes at least one fault; the message names the first, `errors` up to `MAX_FAULTS`.

        `num_more` is how many others there are.
        """
        self.source = source
        self.faults = tuple(_told(list(faults), num_more))
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


def _told(faults: list[Fault], num_more: int) -> Iterator[Fault]:
    """The first faults, some of them with a suggestion, and how many more there are."""
    suggestions = compared = 0
    for fault in faults[:MAX_FAULTS]:
        if (unknown := fault.unknown) is None:
            yield fault
            continue
        suggestions += 1
        compared += unknown.num_compared
        if suggestions <= MAX_SUGGESTIONS and compared <= MAX_COMPARED:
            near = did_you_mean(unknown.word, unknown.known)
            yield replace(fault, message=f"{fault.message}; {near}", unknown=None)
        else:
            yield replace(fault, unknown=None)
    if (more := len(faults[MAX_FAULTS:]) + num_more) > 0:
        yield Fault(location=(), message=f"there are {more:,} more faults")


def dotted(location: Location) -> str:
    """`("nn_inputs", 0, "fuzzy_set")` as `nn_inputs[0].fuzzy_set`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def did_you_mean(word: object, known: Collection[str]) -> str:
    """The end of a message about an unknown word: the near one, or all there are."""
    words = _comparable(known)
    if same := meant(str(word)[:MAX_WORD], words):
        return f"did you mean {same}?"
    near = difflib.get_close_matches(str(word)[:MAX_WORD].lower(), words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    more = f" and {len(known) - len(words)} more" if len(known) > len(words) else ""
    return f"known here: {', '.join(words)}{more}" if words else "nothing is accepted here"


def _comparable(known: Collection[str]) -> list[str]:
    return [word for word in itertools.islice(known, MAX_KNOWN) if len(word) <= MAX_WORD]


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")

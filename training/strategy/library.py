"""Strategies that ship with KTRDR, and strategy files of a person at a terminal."""

from dataclasses import dataclass
from pathlib import Path

from training.strategy.faults import Fault, StrategyInvalid, StrategyNotFound, did_you_mean
from training.strategy.limits import MAX_CHARACTERS
from training.strategy.loading import LoadedStrategy, load_strategy

SHIPPED = Path(__file__).parent.parent / "strategies"
SKELETON = Path(__file__).with_name("skeleton.yaml")
"""What a strategy of one's own begins with: every part of it, and what it is for."""
SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, kw_only=True)
class StrategyFile:
    """A strategy's text and where it is from."""

    name: str
    """The file's name without its ending."""
    path: Path
    text: str

    def load(self, *, lenient: bool = False) -> LoadedStrategy:
        """
        The strategy of this text.

        Raises:
            StrategyInvalid: with all faults and their lines.
        """
        return load_strategy(self.text, source=str(self.path), lenient=lenient)


def list_strategies() -> tuple[StrategyFile, ...]:
    """The shipped strategies, by name."""
    return tuple(read_strategy_file(path) for path in sorted(SHIPPED.glob("*.yaml")))


def find_strategy(name_or_path: str, *, allow_paths: bool = False) -> StrategyFile:
    """
    A shipped strategy by its name; at a terminal, also a file by its path.

    Args:
        allow_paths: whether a path is looked up on this machine. Never for a remote user.

    Raises:
        StrategyNotFound: no such strategy.
        StrategyInvalid: the file is no text.
    """
    shipped = {path.stem: path for path in SHIPPED.glob("*.yaml")}
    path = shipped.get(name_or_path)
    if path is None and allow_paths and _is_file(name_or_path):
        path = Path(name_or_path)
    if path is None:
        raise StrategyNotFound(
            name=repr(name_or_path[:100]),
            hint=_hint(name_or_path, sorted(shipped)),
            known=", ".join(sorted(shipped)),
        )
    return read_strategy_file(path)


def read_strategy_file(path: Path) -> StrategyFile:
    """
    A file's text, as far as a strategy may be long.

    Raises:
        StrategyInvalid: it cannot be read, or is not UTF-8.
    """
    limit = MAX_CHARACTERS * 4 + 1  # bytes; the longest UTF-8 character has 4
    try:
        with path.open("rb") as file:
            text = file.read(limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "is not UTF-8 text") from error
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from error
    return StrategyFile(name=path.stem, path=path, text=text)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long, or a NUL
        return False


def _hint(name: str, known: list[str]) -> str:
    near = did_you_mean(name, known)
    return f" {near.capitalize()}" if near.startswith("did") else ""


def _unreadable(path: Path, message: str) -> StrategyInvalid:
    return StrategyInvalid(str(path), [Fault(location=(), message=message)])

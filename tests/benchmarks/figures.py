"""What a benchmark says: a figure beside its reference of the same run, and the machine."""

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEAST_ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of a table: medians of one run."""

    name: str
    value: float
    unit: str
    reference: str = ""
    """What it is measured beside, in turns; empty: there is nothing to compare it with."""
    reference_value: float | None = None
    """In the same unit."""
    at_most: float | None = None
    """The value that it has to keep."""
    paired_ratio: float | None = None
    """The median of the rounds' own ratios: a machine that is slower for a while slows both."""
    ratio_at_most: float | None = None

    @classmethod
    def of_rounds(
        cls, values: Sequence[float], beside: Sequence[float], *, scale: float = 1.0, **others: Any
    ) -> "Figure":
        """Medians of what was measured in turns with its reference, times `scale`."""
        ratios = [value / other for value, other in zip(values, beside, strict=True)]
        return cls(
            value=statistics.median(values) * scale,
            reference_value=statistics.median(beside) * scale,
            paired_ratio=statistics.median(ratios),
            **others,
        )

    @property
    def ratio(self) -> float | None:
        """Of the value to the reference's."""
        if self.paired_ratio is not None or not self.reference_value:
            return self.paired_ratio
        return self.value / self.reference_value

    @property
    def holds(self) -> bool | None:
        """None where nothing was promised."""
        kept = []
        if self.at_most is not None:
            kept.append(self.value <= self.at_most)
        if self.ratio_at_most is not None:  # without a reference the promise is not kept
            kept.append(self.ratio is not None and self.ratio <= self.ratio_at_most)
        return all(kept) if kept else None


def interleaved(ways: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """What each way measured of itself, in turns: a busy machine hurts all alike."""
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(max(rounds, LEAST_ROUNDS)):
        for name, measure in ways.items():
            measured[name].append(measure())
    return measured


def medians(measured: Mapping[str, Iterable[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in measured.items()}


def table(title: str, figures: Iterable[Figure]) -> Iterator[str]:
    """Lines of a Markdown table."""
    yield f"\n## {title}\n"
    yield "| | median | beside | ratio | must be | |"
    yield "|---|---|---|---|---|---|"
    for figure in figures:
        yield f"| {' | '.join(_cells(figure))} |"


def _cells(figure: Figure) -> Iterator[str]:
    yield figure.name
    yield f"{_number(figure.value)} {figure.unit}"
    if figure.reference_value is None:
        yield from ("", "")
    else:
        yield f"{figure.reference}: {_number(figure.reference_value)} {figure.unit}"
        yield f"{figure.ratio:.2f} x" if figure.ratio is not None else ""
    yield ", ".join(_promises(figure))
    yield {True: "held", False: "**missed**", None: ""}[figure.holds]


def _promises(figure: Figure) -> Iterator[str]:
    if figure.at_most is not None:
        yield f"≤ {_number(figure.at_most)} {figure.unit}"
    if figure.ratio_at_most is not None:
        yield f"≤ {figure.ratio_at_most:g} x"


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine() -> dict[str, str]:
    """Where it was measured."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": platform.platform(),
        "python": platform.python_version(),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()

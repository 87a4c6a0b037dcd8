"""The decisions about one file as they are made: options first, then memory, proof and default."""

from collections.abc import Sequence
from typing import Any, NoReturn

from training.market_data.errors import MarketDataInvalid
from training.market_data.reading.options import Options
from training.market_data.reading.record import About, By, Decision, Reading, Shape
from training.market_data.reading.stated_zones import StatedZone


class Ledger:
    """Collects what is decided about a file, or about several that are read as one."""

    def __init__(self, source: str, options: Options, remembered: Sequence[Reading] = ()) -> None:
        self.source = source
        self.options = options
        self.memory: Reading | None = None
        """The reading of an earlier file of the same shape; `remember` finds it."""
        self.untold: str | None = None
        """What answers for local times that are no instant, if there are any."""
        self.stated_zones: list[StatedZone] = []
        """What lines beside the table say of the clock of its times."""
        self._remembered = tuple(remembered)
        self._decisions: list[Decision] = []
        self._shapes: list[Shape] = []

    def remembered_like(
        self, container: str, delimiter: str | None, names: tuple[str, ...]
    ) -> Reading | None:
        """An earlier reading whose file looked like this; its time may be written otherwise."""
        for reading in self._remembered:
            shape = reading.shape
            if shape and (shape.container, shape.delimiter, shape.names) == (
                container,
                delimiter,
                names,
            ):
                return reading
        return None

    def names_columns(self) -> set[str]:
        """Columns that an option or an earlier file of any shape names: names, or `#N`."""
        named = {name for _, name in self.options.columns}
        for reading in self._remembered:
            columns = reading.decided(About.COLUMNS)
            named |= set(columns.value.values()) if columns and columns.value else set()
        return named

    def remember(self, shape: Shape) -> None:
        """Take a file's shape, and what is known of files of that shape."""
        self._shapes.append(shape)
        same = [one for one in self._remembered if one.shape == shape]
        is_one = len(set(self._shapes)) == 1
        self.memory = same[0] if same and is_one else None

    def decide(self, about: About, value: Any, by: By, words: str) -> None:
        """Enter a decision; one that several files share is entered once."""
        decision = Decision(about=about, value=value, by=by, words=words)
        if decision not in self._decisions:
            self._decisions.append(decision)

    def recalled(self, about: About) -> Any:
        """What memory says; None where it says nothing."""
        decision = self.memory and self.memory.decided(about)
        return decision.value if decision else None

    def settle(self, about: About, *, proved: Any, default: Any = None) -> tuple[Any, By] | None:
        """
        The value of something that has an option of its own, and what decided it.

        Returns:
            None where neither option, memory, proof nor default say anything.

        Raises:
            MarketDataInvalid: the file proves something else than is remembered.
        """
        said, recalled = getattr(self.options, about), self.recalled(about)
        if said is not None:
            return said, By.OPTION
        if recalled is not None and proved is not None and recalled != proved:
            self.refuse(
                f"it shows --{about} {proved}, and earlier files of this form were read with "
                f"--{about} {recalled}; say which"
            )
        if recalled is not None:
            return recalled, By.MEMORY
        if proved is not None:
            return proved, By.PROOF
        return None if default is None else (default, By.DEFAULT)

    def refuse(self, *problems: str) -> NoReturn:
        """Raises `MarketDataInvalid`."""
        raise MarketDataInvalid(self.source, problems)

    def reading(self) -> Reading:
        """The record of it all."""
        shapes = set(self._shapes)
        if self._remembered and self.memory is None:
            self.decide(
                About.CONTAINER,
                None,
                By.DEFAULT,
                "earlier files of this symbol and timeframe had another form: nothing of how they "
                "were read was used",
            )
        order = list(About)
        return Reading(
            shape=self._shapes[0] if len(shapes) == 1 else None,
            decisions=tuple(sorted(self._decisions, key=lambda one: order.index(one.about))),
        )

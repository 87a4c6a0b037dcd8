"""What a user wants to be made of an upload, as page and API say it: the words of the command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.access.permissions import Permission
from training.market_data.reading.options import OF_IMPORTS, OPTIONS, Options
from training.strategy.values import Timeframe
from training.uploads.errors import OptionInvalid


@dataclass(frozen=True, kw_only=True)
class Asked:
    symbol: str
    timeframe: Timeframe
    options: Mapping[str, str | bool] = field(default_factory=dict)
    """By name, as a command takes them: `{"dates": "dmy", "skip_last": true}`."""

    def parsed(self) -> Options:
        """Raises `OptionInvalid`."""
        return Options.of(dict(_parsed(self.options)))

    def of_import(self) -> dict[str, bool]:
        """Those of `OF_IMPORTS`, by name."""
        return {option.name: bool(self.options.get(option.name)) for option in OF_IMPORTS}

    @property
    def needs(self) -> tuple[Permission, ...]:
        """What its user must be permitted to import it so: to replace takes bars away."""
        if self.options.get("replace"):
            return (Permission.ADD_DATA, Permission.DELETE_DATA)
        return (Permission.ADD_DATA,)


def _parsed(said: Mapping[str, str | bool]) -> list[tuple[str, Any]]:
    return [
        (option.name, _value(option, said[option.name]))
        for option in OPTIONS
        if said.get(option.name) not in (None, "", False)
    ]


def _value(option: Any, given: str | bool) -> Any:
    if option.takes is None:
        return bool(given)
    try:
        return option.parse(str(given))
    except ValueError as error:
        raise OptionInvalid(option=option.flag, reason=str(error)) from error

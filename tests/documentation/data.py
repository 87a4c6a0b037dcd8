"""The tables of docs/DATA.md: files of prices by vendor, as the tests read them, and options."""

from tests.documentation.sources import members
from tests.documentation.table import table
from tests.running.stack import PROJECT
from tests.training.market_data.vendor import Vendor
from tests.training.market_data.vendors import VENDORS
from training.market_data.reading import names
from training.market_data.reading.options import OPTIONS
from training.market_data.reading.record import About

PAGE = PROJECT / "docs" / "DATA.md"


def written_into(page: str) -> str:
    """The page with its tables as they are now, each between its two marks."""
    for name, made in _TABLES.items():
        before, begin, rest = page.partition(f"<!-- {name}: made by `make reference` -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        page = f"{before}{begin}{made()}\n{end}{after}"
    return page


def command_of(vendor: Vendor) -> str:
    """What a person types."""
    file = f"'{vendor.file}'" if " " in vendor.file else vendor.file
    words = ["ktrdr data import", file, "--symbol ACME", f"--timeframe {vendor.timeframe}"]
    return " ".join([*words, vendor.options]).strip()


def _vendors() -> str:
    rows = [(one.name, f"`{command_of(one)}`", one.said) for one in VENDORS]
    return table(("file", "command", "what is said"), rows)


def _options() -> str:
    rows = [
        (f"`{it.flag}{f' {it.takes}' if it.takes else ''}`".replace("|", "\\|"), it.help)
        for it in OPTIONS
    ]
    return table(("option", ""), rows)


def _names() -> str:
    known = {
        "time, its open": names.OPEN_TIMES,
        "time": names.TIMES,
        "time, its close": names.CLOSE_TIMES,
        "clock": names.CLOCKS,
        **names.PRICES,
        "adjusted close": names.ADJUSTED,
        "volume": (*names.VOLUMES, "volume_UNIT"),
        "no volume, but named": names.QUOTE_VOLUMES,
        "symbol": names.SYMBOLS,
    }
    rows = [(role, ", ".join(f"`{it}`" for it in it_is if it)) for role, it_is in known.items()]
    return table(("role", "names"), rows)


def _decisions() -> str:
    return table(("about", ""), ((f"`{value}`", text) for value, text in members(About).items()))


_TABLES = {"vendors": _vendors, "options": _options, "names": _names, "decisions": _decisions}

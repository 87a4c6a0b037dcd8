"""What several commands take: options about a file of prices."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from training.launch.resume_options import ACCEPT_SEEN_TEST
from training.market_data.reading.options import OPTIONS, Option
from training.strategy.values import TIMEFRAMES


def add_accept_seen_test_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--accept-seen-test", action="store_true", help=ACCEPT_SEEN_TEST)


def add_model_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "model",
        help="The model's id, or its operation's id, or a unique beginning or end of that.",
    )


def add_reading_arguments(parser: ArgumentParser) -> None:
    """Every option of `OPTIONS`, in its order."""
    for option in OPTIONS:
        if option.takes is None:
            parser.add_argument(option.flag, action="store_true", help=option.help)
        else:
            parser.add_argument(
                option.flag, type=_parser(option), metavar=option.takes, help=option.help
            )


def add_series_arguments(parser: ArgumentParser) -> None:
    """Which bars: a symbol's at a timeframe."""
    parser.add_argument("symbol", help="As `list_market_data` shows it.")
    parser.add_argument("--timeframe", required=True, choices=TIMEFRAMES)


def said(options: dict[str, Any]) -> list[str]:
    """Flags of the options about a file that were given."""
    return [option.flag for option in OPTIONS if options.get(option.name) not in (None, False)]


def _parser(option: Option) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return option.parse(text)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return parse

"""What a training is made of: strategies and market data."""

from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from operations.access.tokens import Scope
from operations.api.base import body, success
from operations.api.endpoint import endpoint
from operations.api_view import ApiView
from training.api import answers, examples
from training.api.errors import SymbolNotFound
from training.api.serializers import (
    ValidateBody,
    present_data,
    present_fault,
    present_strategy,
)
from training.market_data import list_market_data
from training.strategy import (
    Fault,
    StrategyInvalid,
    StrategyNotFound,
    find_strategy,
    list_strategies,
    load_strategy,
)
from training.strategy.converting import convert


class StrategiesView(ApiView):
    @endpoint(
        "list_strategies",
        "The shipped strategies",
        data=answers.ShownStrategy(many=True),
        example=[examples.STRATEGY],
    )
    def get(self, request: Request) -> Response:
        return success([present_strategy(file) for file in list_strategies()])


class StrategyView(ApiView):
    @endpoint(
        "get_strategy",
        "A shipped strategy, as its file and with every default",
        data=answers.WholeStrategy(),
        raises=[StrategyNotFound],
        example=examples.WHOLE_STRATEGY,
    )
    def get(self, request: Request, name: str) -> Response:
        file = find_strategy(name)
        snapshot = file.load().strategy.snapshot()
        return success({**present_strategy(file), "yaml": file.text, "strategy": snapshot})


class ValidateView(ApiView):
    """An invalid strategy is an answer here, and no error."""

    post_scope = Scope.READ

    @endpoint(
        "validate_strategy",
        "Check a strategy: every fault at once, each at its line",
        description="An invalid strategy is an answer here, and no error. With `convert` one of "
        "the original KTRDR is answered with one of this grammar and every difference. The scope "
        "read is enough.",
        body=ValidateBody,
        body_example={"strategy_yaml": "name: my_strategy\n"},
        data=answers.Validation(),
        example=examples.VALIDATION,
    )
    def post(self, request: Request) -> Response:
        given = body(ValidateBody, request)
        text = given["strategy_yaml"]
        if given["convert"]:
            return success(_converted(text))
        faults: tuple[Fault, ...] = ()
        warnings: tuple[Fault, ...] = ()
        try:
            warnings = load_strategy(
                text, source="strategy_yaml", lenient=given["lenient"]
            ).warnings
        except StrategyInvalid as error:
            faults = error.faults
        return success(_validation(faults, warnings))


def _converted(text: str) -> dict[str, Any]:
    try:
        converted = convert(text, source="strategy_yaml")
    except StrategyInvalid as error:
        return {**_validation(error.faults, ()), "yaml": None, "changes": []}
    changes = [change.as_json() for change in converted.changes]
    return {**_validation((), converted.warnings), "yaml": converted.text, "changes": changes}


def _validation(faults: Iterable[Fault], warnings: Iterable[Fault]) -> dict[str, Any]:
    told = [present_fault(fault) for fault in faults]
    return {
        "valid": not told,
        "faults": told,
        "warnings": [present_fault(fault) for fault in warnings],
    }


class DataView(ApiView):
    @endpoint(
        "list_data",
        "Which market data there are",
        data=answers.ImportedData(many=True),
        example=[examples.DATA],
    )
    def get(self, request: Request) -> Response:
        return success([present_data(entry) for entry in list_market_data()])


class SymbolDataView(ApiView):
    @endpoint(
        "get_data",
        "The market data of a symbol, by timeframe",
        data=answers.ImportedData(many=True),
        raises=[SymbolNotFound],
        example=[examples.DATA],
    )
    def get(self, request: Request, symbol: str) -> Response:
        entries = list_market_data(symbol)
        if not entries:
            raise SymbolNotFound(symbol=symbol)
        return success([present_data(entry) for entry in entries])

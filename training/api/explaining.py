"""Why models decide as they do."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from operations.api.base import StrictSerializer, query, success
from operations.api.endpoint import endpoint
from operations.api_view import ApiView
from operations.bounded.errors import TooBusy
from operations.bounded.visit import visit_of
from operations.errors import InvalidInput
from training.api import answers, examples
from training.api.tables import OF_FILES, OF_INPUTS
from training.errors import TooLargeHere, TrainingBarsGone
from training.explaining.asking import ask_why
from training.strategy.values import SYMBOL, first_second
from training.trained import stored_models

OF_BARS = [error for error in OF_INPUTS if error not in OF_FILES]


class ExplainQuery(StrictSerializer):
    at = serializers.CharField(
        max_length=40,
        help_text="The bar: a date or UTC time; where none is open then, the last one before.",
    )
    symbol = serializers.RegexField(
        SYMBOL, required=False, help_text="May be left out of a model of one symbol."
    )


class ExplainView(ApiView):
    @endpoint(
        "explain",
        "Why a model decides as it does on one bar",
        description="Its indicators' values and memberships, what it says, and how far each "
        "indicator moves that: the output less the one with that indicator alone at the median of "
        "its training rows, on each row of the window. What it says at the medians, all changes "
        "and what is left sum to the output.",
        query=ExplainQuery,
        data=answers.Explanation(),
        raises=[TooLargeHere, TooBusy, TrainingBarsGone, *OF_BARS],
        example=examples.EXPLANATION,
    )
    def get(self, request: Request, model_id: int) -> Response:
        model = stored_models.get_visible(request.user, model_id)
        wanted = query(ExplainQuery, request)
        try:
            at = first_second(wanted["at"])
        except (ValueError, OverflowError) as error:
            raise InvalidInput(reason=f"at: {error}") from error
        symbol = wanted.get("symbol")
        told = ask_why(model, symbol=symbol, at=at, user=request.user, visit=visit_of(request))
        return success(told)

"""Why models decide as they do."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.api.base import StrictSerializer, body, query, success, user_of
from operations.api.endpoint import endpoint
from operations.api.examples import ACCEPTED
from operations.api.idempotency import idempotent_after
from operations.api.views import accepted
from operations.api_view import ApiView
from operations.bounded.errors import TooBusy
from operations.bounded.visit import visit_of
from operations.errors import InvalidInput, StorageUnavailable
from operations.reading.as_json import WholeOperation
from training.api import examples, explained
from training.api.tables import OF_FILES, OF_INPUTS
from training.errors import ModelDamaged, ModelNotFound, TooLargeHere, TrainingBarsGone
from training.explaining.asking import ask_why
from training.explaining.request import PARTS, VALIDATION
from training.explaining.sets import sets_of
from training.explaining.start import (
    PreparedAnalysis,
    analysis_prepared,
    prepare_importance,
    shown_analyses,
)
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


class ImportanceQuery(StrictSerializer):
    part = serializers.ChoiceField(PARTS, default=VALIDATION, help_text="Whose rows are scored.")


class ExplainView(ApiView):
    @endpoint(
        "explain",
        "Why a model decides as it does on one bar",
        description="Its indicators' values and memberships, what it says, and how far each "
        "indicator moves that: the output less the one with that indicator alone at the median of "
        "its training rows, on each row of the window. What it says at the medians, all changes "
        "and what is left sum to the output.",
        query=ExplainQuery,
        data=explained.Explanation(),
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


def _prepare(request: Request, model_id: int) -> PreparedAnalysis:
    model = stored_models.get_visible(request.user, model_id)
    part = body(ImportanceQuery, request)["part"]
    return prepare_importance(model, part=part, owner=user_of(request))


def _write(request: Request, prepared: PreparedAnalysis) -> Written:
    return {"operation_id": analysis_prepared(prepared).pk}


class ImportanceView(ApiView):
    permission = Permission.START

    @endpoint(
        "get_importance",
        "Which inputs a model needs, as far as it is measured",
        description="By how much the mean loss rises when one indicator's inputs are shuffled in "
        "blocks, with its standard error. Nulls where nobody has asked for it yet.",
        query=ImportanceQuery,
        data=explained.ImportanceState(),
        raises=[ModelNotFound],
        example=examples.IMPORTANCE,
    )
    def get(self, request: Request, model_id: int) -> Response:
        model = stored_models.get_visible(request.user, model_id)
        known = shown_analyses(model).get(query(ImportanceQuery, request)["part"])
        return success(
            {
                "operation_id": known and known.pk,
                "status": known and known.status,
                "importance": known and known.result,
            }
        )

    @endpoint(
        "measure_importance",
        "Have a worker measure which inputs a model needs",
        description="One operation of each model and part: where it is there, or has completed, "
        "that one is answered. Rows of the test part take a model whose test part was opened, as "
        "that of every model was; to choose inputs by them is a look at it.",
        body=ImportanceQuery,
        body_example={"part": "validation"},
        data=WholeOperation(),
        statuses=(202,),
        raises=[ModelNotFound],
        example=ACCEPTED,
    )
    @idempotent_after(_prepare, _write)
    def post(self, request: Request, started: Written) -> Response:
        return accepted(request, started["operation_id"])


class SetsView(ApiView):
    @endpoint(
        "get_sets",
        "A model's fuzzy sets, before and after learning",
        description="Lengths in the indicator's units, unrounded: four corners, or centre and "
        "sigma of a Gaussian. The histogram below them is in the picture `sets` of its page.",
        data=explained.FuzzySetNumbers(many=True),
        raises=[ModelNotFound, ModelDamaged, StorageUnavailable],
        example=[examples.FUZZY_SET_NUMBERS],
    )
    def get(self, request: Request, model_id: int) -> Response:
        return success(sets_of(stored_models.get_visible(request.user, model_id)))

"""The rules of a model of rules."""

from rest_framework.request import Request
from rest_framework.response import Response

from operations.api.base import success
from operations.api.endpoint import endpoint
from operations.api_view import ApiView
from operations.bounded.errors import TooBusy
from operations.bounded.visit import visit_of
from operations.errors import InvalidInput, StorageUnavailable
from training.api import answers, examples
from training.errors import ModelDamaged, ModelNotFound, TooLargeHere
from training.trained import stored_models
from training.trained.rules_process import ask_rules


class RulesView(ApiView):
    @endpoint(
        "list_rules",
        "The rules by which a model of rules decides",
        description="Those that decide most first. A model of another network has none: 400.",
        data=answers.Rule(many=True),
        raises=[
            InvalidInput,
            ModelNotFound,
            ModelDamaged,
            StorageUnavailable,
            TooLargeHere,
            TooBusy,
        ],
        example=[examples.RULE],
    )
    def get(self, request: Request, model_id: int) -> Response:
        model = stored_models.get_visible(request.user, model_id)
        return success(ask_rules(model, user=request.user, visit=visit_of(request)))

"""Which inputs a model needs: a panel of its page, and the button that has it measured."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from operations import selectors
from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.models import RESUMABLE
from operations.views.base import PageView, user_of
from operations.views.once import do_once, empty_form, sent_form
from training.explaining.request import PARTS, VALIDATION
from training.explaining.start import (
    PreparedAnalysis,
    analysis_prepared,
    prepare_importance,
    shown_analyses,
)
from training.models import TrainedModel
from training.presentation.importance import shown
from training.trained import stored_models


class ImportanceView(PageView):
    """POST: have it measured once, and lead to the operation."""

    def post(self, request: HttpRequest, model_id: int) -> HttpResponse:
        model = stored_models.get_visible(request.user, model_id)
        permissions.require(request.user, Permission.START)

        def write(prepared: PreparedAnalysis) -> Written:
            return {"operation_id": analysis_prepared(prepared).pk}

        prepare = partial(prepare_importance, model, part=VALIDATION, owner=user_of(request))
        started = do_once(request, sent_form(request), prepare, write)
        return redirect("operation", started["operation_id"])


def importance_of(request: HttpRequest, model: TrainedModel) -> dict[str, Any]:
    """The context of `training/importance.html`."""
    found = shown_analyses(model)
    known = found.get(VALIDATION)
    is_offered = known is None or known.status in RESUMABLE
    return {
        "analyses": [
            {
                "part": part,
                "importance": shown(operation.result) if operation.result else None,
                "operation": selectors.is_visible(request.user, operation) and operation,
            }
            for part in PARTS
            if (operation := found.get(part)) is not None
        ],
        "offers_importance": is_offered,
        "importance_form": empty_form(),
        "may_start": is_offered and permissions.may(request.user, Permission.START),
    }

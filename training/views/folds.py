"""The pages that start a walk-forward or a cross-validation, with a picture of its trainings."""

from functools import partial

from django.http import HttpResponse

from operations.access.idempotency import Written
from operations.views.base import user_of
from operations.views.once import do_once
from training.folds.start import PreparedFolds, folds_prepared, prepare_folds
from training.views import folds_picture
from training.views.family_start import FamilyStartView
from training.views.folds_form import CrossValidationForm, FoldsForm, WalkForwardForm


class FoldsView(FamilyStartView):
    def answer(self, form: FoldsForm) -> HttpResponse:
        if "preview" not in form.data:
            return super().answer(form)
        prepared = prepare_folds(form.to_start(), owner=user_of(self.request))
        return self.page(form, picture=folds_picture.with_price(prepared.request))

    def start(self, form: FoldsForm) -> str:
        def write(prepared: PreparedFolds) -> Written:
            return {"operation_id": folds_prepared(prepared).pk}

        prepare = partial(prepare_folds, form.to_start(), owner=user_of(self.request))
        started: str = do_once(self.request, form, prepare, write)["operation_id"]
        return started


class WalkForwardView(FoldsView):
    form_class = WalkForwardForm
    template = "training/walk_forward.html"
    title = "Walk forward"


class CrossValidationView(FoldsView):
    form_class = CrossValidationForm
    template = "training/cross_validation.html"
    title = "Cross-validate"

"""A training to begin with: long enough to be watched, cancelled and resumed."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.views.base import PageView, user_of
from operations.views.once import do_once, sent_form
from training.launch.start import PreparedStart, StartRequest, prepare_start, start_prepared
from training.strategy import find_strategy
from training.strategy.overrides import apply_settings
from training.views.snapshots import as_yaml

STRATEGY = "sp500_daily"
SETTINGS = {"training.learning_rate": 1e-6}
"""So small that the network gets better until the end: its best epoch, whose weights the model has,
comes after everything that happens to it."""
EPOCHS = 6000
"""Some 21 s on two idle cores, 3.5 ms each."""


def sample_strategy() -> str:
    """The shipped strategy with these settings, as YAML."""
    shipped = find_strategy(STRATEGY).load().strategy
    return as_yaml(apply_settings(shipped.snapshot(), SETTINGS).snapshot())


class TrainSampleView(PageView):
    """POST: start it once, and lead to its page."""

    def post(self, request: HttpRequest) -> HttpResponse:
        permissions.require(request.user, Permission.START)

        def write(prepared: PreparedStart) -> Written:
            return {"operation_id": start_prepared(prepared).pk}

        sample = StartRequest(strategy_yaml=sample_strategy(), epochs=EPOCHS, name="The sample")
        prepare = partial(prepare_start, sample, owner=user_of(request))
        started = do_once(request, sent_form(request), prepare, write)
        return redirect("operation", started["operation_id"])

"""The page that starts a search for settings."""

from functools import partial

from operations.access.idempotency import Written
from operations.views.base import user_of
from operations.views.once import do_once
from training.strategy import StrategyFile
from training.sweep.space import shipped_spaces
from training.sweep.start import PreparedSweep, prepare_sweep, sweep_prepared
from training.views.family_start import FamilyStartView
from training.views.search_form import SearchForm

BEGINNING = "training.learning_rate: {log: [1e-4, 1e-2]}\n"
"""Of a space, for a strategy that none is shipped for."""


class SearchView(FamilyStartView):
    form_class = SearchForm
    template = "training/search.html"
    title = "Search settings"

    def texts_beside(self, file: StrategyFile | None) -> dict[str, str]:
        space = shipped_spaces().get(file.name) if file else None
        return {"space_yaml": space.read_text(encoding="utf-8") if space else BEGINNING}

    def start(self, form: SearchForm) -> str:
        def write(prepared: PreparedSweep) -> Written:
            return {"operation_id": sweep_prepared(prepared).pk}

        prepare = partial(prepare_sweep, form.to_search(), owner=user_of(self.request))
        started: str = do_once(self.request, form, prepare, write)["operation_id"]
        return started

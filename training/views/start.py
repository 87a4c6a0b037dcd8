"""The start page: choose or write a strategy, see what it would learn from, start it once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from operations import selectors
from operations.access import permissions
from operations.access.idempotency import Written
from operations.access.permissions import Permission
from operations.bounded.errors import Replaced, TooBusy
from operations.bounded.visit import visit_of
from operations.errors import DomainError, IdempotencyKeyReused
from operations.views.base import PageView, refused, user_of
from operations.views.once import do_once, new_key
from operations.views.picture_files import picture_file
from training.bounded_work import ROOM
from training.errors import PreviewFailed, PreviewRefused
from training.launch.preview import Preview, run_preview, sets_as_typed
from training.launch.previewed import Previewed
from training.launch.request import TrainingRequest
from training.launch.start import PreparedStart, prepare_start, start_prepared
from training.market_data import list_market_data
from training.presentation import fuzzy_pictures
from training.snapshots import training_of
from training.strategy import SKELETON, find_strategy
from training.views import preview_prices, start_findings
from training.views.coverage import coverage
from training.views.snapshots import as_yaml
from training.views.start_findings import Findings
from training.views.start_form import DEFAULT_STRATEGY, StartForm


class StartView(PageView):
    """One form with several buttons. htmx gets the part that changes, others the whole page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if permissions.may(request.user, Permission.START):
            ROOM.children.expect()  # a preview will be asked for
        return self._page(StartForm(initial={"key": new_key(), **self._strategy(request.GET)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        actions: dict[str | None, Callable[[StartForm], HttpResponse]] = {
            "load": self._load,
            "check": self._check,
            "preview": self._preview,
            "sets": self._typed_sets,
            "sets.svg": partial(self._sets_file, "svg"),
            "sets.csv": partial(self._sets_file, "csv"),
            "price.svg": partial(self._price_file, "svg"),
            "price.csv": partial(self._price_file, "csv"),
        }
        act = actions.get(request.POST.get("action"), self._start)
        return act(StartForm(request.POST))

    def is_counted(self, request: HttpRequest) -> bool:
        return request.method == "POST"

    def acts(self, request: HttpRequest) -> bool:
        """A check, as one types, acts no more than the API's."""
        return request.method == "POST" and request.POST.get("action") not in ("load", "check")

    def _strategy(self, query: Mapping[str, str]) -> dict[str, str]:
        """A shipped strategy, or that of an operation (`?like=`). Raises when it is not there."""
        if like := query.get("like"):
            request = selectors.get_visible(self.request.user, like).request
            snapshot = training_of(request)["strategy"]
            return {"shipped": "", "strategy_yaml": as_yaml(snapshot)}
        file = find_strategy(query.get("strategy", DEFAULT_STRATEGY))
        return {"shipped": file.name, "strategy_yaml": file.text}

    def _load(self, form: StartForm) -> HttpResponse:
        """A shipped strategy's text in place of what stands there, or a beginning of one's own."""
        name = form.data.get("shipped")
        text = find_strategy(name).text if name else SKELETON.read_text(encoding="utf-8")
        loaded = StartForm({**dict(form.data.items()), "strategy_yaml": text})
        return self._part("training/start_text.html", loaded)

    def _check(self, form: StartForm) -> HttpResponse:
        return self._part("training/start_check.html", form, findings=self._findings(form))

    def _preview(self, form: StartForm) -> HttpResponse:
        permissions.require(self.request.user, Permission.START)
        findings = self._findings(form)
        if findings.faults:
            return self._previewed(form, findings, why_none=findings)
        try:
            preview = self._run_preview(form)
        except PreviewRefused as error:
            refusal = start_findings.refused(error)
            previewed = Previewed(subject=error.subject, refusal=error.reason)
            return self._previewed(form, refusal, why_none=refusal, sealed=previewed.seal())
        except (TooBusy, Replaced) as error:
            why_none = start_findings.refused(error)
            return refused(self._previewed(form, findings, why_none=why_none), error)
        except DomainError as error:  # says nothing of a start
            return self._previewed(form, findings, why_none=start_findings.refused(error))
        return self._previewed(
            form,
            findings,
            preview=preview,
            fuzzy_sets=fuzzy_pictures.pictures_of(preview.fuzzy_sets),
            prices=preview_prices.shown(preview),
            coverage=coverage(preview.symbol_samples, preview.outside_range),
            sealed=Previewed(subject=preview.subject, warnings=preview.warnings).seal(),
        )

    def _typed_sets(self, form: StartForm) -> HttpResponse:
        """Beside the text as it is typed; or, in words, why they cannot be drawn."""
        permissions.require(self.request.user, Permission.START)
        if not form.is_valid():
            return _in_words("A field has a fault.")
        try:
            found = sets_as_typed(
                form.to_request(), user=self.request.user, visit=visit_of(self.request)
            )
        except PreviewFailed as error:
            return _in_words(error.details["reason"])
        pictures = fuzzy_pictures.pictures_of(found)
        return render(self.request, "training/typed_sets.html", {"fuzzy_sets": pictures})

    def _sets_file(self, file_type: str, form: StartForm) -> HttpResponse:
        """What the preview has drawn, to keep."""
        permissions.require(self.request.user, Permission.START)
        if self._findings(form).faults:
            return self._preview(form)
        pictures = fuzzy_pictures.pictures_of(self._run_preview(form).fuzzy_sets)
        if file_type == "csv":
            text = fuzzy_pictures.as_csv(pictures)
        else:
            text = fuzzy_pictures.as_svg(form.data.get("name") or "a strategy", pictures)
        return picture_file(text, f"fuzzy_sets.{file_type}")

    def _price_file(self, file_type: str, form: StartForm) -> HttpResponse:
        """Likewise."""
        permissions.require(self.request.user, Permission.START)
        if self._findings(form).faults:
            return self._preview(form)
        make = {"svg": preview_prices.svg, "csv": preview_prices.table}[file_type]
        return picture_file(make(self._run_preview(form)), f"price.{file_type}")

    def _previewed(self, form: StartForm, findings: Findings, **context: Any) -> HttpResponse:
        return self._part("training/start_preview.html", form, findings=findings, **context)

    def _findings(self, form: StartForm) -> Findings:
        return start_findings.check(form, owner=user_of(self.request))

    def _run_preview(self, form: StartForm) -> Preview:
        return run_preview(form.to_request(), user=self.request.user, visit=visit_of(self.request))

    def _start(self, form: StartForm) -> HttpResponse:
        permissions.require(self.request.user, Permission.START)
        if not form.is_valid():
            return self._refused(form, self._findings(form), status=400)
        try:
            return redirect(self._started(form))
        except IdempotencyKeyReused:
            return self._already_started(form)
        except DomainError as error:
            return self._refused(form, start_findings.refused(error), status=error.status)

    def _refused(self, form: StartForm, findings: Findings, *, status: int) -> HttpResponse:
        return self._page(form, findings=findings, was_refused=True, status=status)

    def _started(self, form: StartForm) -> str:
        """Start the training, or find what the same submit has started; its page's address."""
        previewed = form.previewed

        def write(prepared: PreparedStart) -> Written:
            return {"operation_id": start_prepared(prepared).pk}

        owner = user_of(self.request)
        prepare = partial(prepare_start, form.to_request(), owner=owner, previewed=previewed)
        started = do_once(self.request, form, prepare, write)["operation_id"]
        if previewed is not None:
            self._pass_on(previewed, TrainingRequest.of(selectors.get(started)))
        return reverse("operation", args=[started])

    def _pass_on(self, previewed: Previewed, started: TrainingRequest) -> None:
        """Tell on the operation's page what a preview of the same has warned of."""
        if previewed.is_of(started):
            for warning in previewed.warnings:
                messages.warning(self.request, f"Its preview found: {warning}")

    def _already_started(self, form: StartForm) -> HttpResponse:
        """The reader came back to a form that has started something, and changed it."""
        again = StartForm({**dict(form.data.items()), "key": new_key()})
        return self._page(again, has_started=True, status=409)

    def _part(self, template: str, form: StartForm, **context: Any) -> HttpResponse:
        if "HX-Request" not in self.request.headers:
            return self._page(form, **context)
        return render(self.request, template, {"form": form, **context})

    def _page(self, form: StartForm, *, status: int = 200, **context: Any) -> HttpResponse:
        may_start = permissions.may(self.request.user, Permission.START)
        if not permissions.may(self.request.user, Permission.GO_FIRST):
            form.offer_no_high_priority()
        data = list_market_data()
        context = {
            "form": form,
            "data": data,
            "symbols": list(dict.fromkeys(entry.symbol for entry in data)),
            "may_start": may_start,
            "sealed": form.data.get("previewed", ""),
            **context,
        }
        return render(self.request, "training/start.html", context, status=status)


def _in_words(why: str) -> HttpResponse:
    return HttpResponse(why, content_type="text/plain; charset=utf-8")

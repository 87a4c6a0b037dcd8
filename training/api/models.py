"""What came out of trainings: models, their bundles and predictions."""

from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from operations import selectors
from operations.api.base import page_address, query, success
from operations.api.downloads import ZipRenderer, file_download
from operations.api.endpoint import endpoint
from operations.api_view import ApiView
from operations.bounded.visit import visit_of
from operations.errors import InvalidInput, StorageUnavailable
from training.api import answers, examples
from training.api.files import MEDIA_TYPES, AsFiles, format_of, sent
from training.api.serializers import (
    LedgerQuery,
    ModelsQuery,
    PredictQuery,
    TrainedModelSerializer,
    WholeModelSerializer,
)
from training.api.tables import OF_INPUTS, asked_by
from training.errors import (
    ModelDamaged,
    ModelNotFound,
    TooLargeHere,
)
from training.market_data.report import as_text
from training.tables.asking import ask_predictions
from training.trained import choosing, looks, stored_models
from training.trained.asking import ask
from training.trained.bundle_archive import bundle_archive
from training.trained.ledger_lines import as_json, lines


class ModelsView(ApiView):
    @endpoint(
        "list_models",
        "List trained models",
        description="Newest first, or sorted by a figure of the test part; with any filters.",
        query=ModelsQuery,
        data=TrainedModelSerializer(many=True),
        paged=True,
        raises=[InvalidInput],
        example=[examples.MODEL],
    )
    def get(self, request: Request) -> Response:
        wanted = query(ModelsQuery, request)
        page_size, cursor = wanted.pop("page_size"), wanted.pop("cursor", None)
        page = choosing.page(
            request.user, choosing.Choice(**wanted), page_size=page_size, cursor=cursor
        )
        looks.count(page.rows)
        return success(
            TrainedModelSerializer(page.rows, many=True).data,
            next=page_address(request, page.next),
            previous=page_address(request, page.previous),
        )


class ModelView(ApiView):
    @endpoint(
        "get_model",
        "A trained model, with its evaluation and the files of its bundle",
        data=WholeModelSerializer(),
        raises=[ModelNotFound],
        example=examples.WHOLE_MODEL,
    )
    def get(self, request: Request, model_id: int) -> Response:
        model = stored_models.get_visible(request.user, model_id)
        looks.count([model])
        return success(WholeModelSerializer(model).data)


class LedgerView(ApiView):
    staff_only = True

    @endpoint(
        "list_ledger",
        "Every look at test ranges of a symbol, the newest first (staff)",
        description="Who scored what, which nothing forgets. Everybody else is told how many "
        "looks there were at a model's own range, and nothing of others.",
        query=LedgerQuery,
        data=answers.LedgerLine(many=True),
        example=[examples.LEDGER_LINE],
    )
    def get(self, request: Request) -> Response:
        wanted = query(LedgerQuery, request)
        found, _ = lines(wanted["symbol"], wanted.get("timeframe"), limit=wanted["limit"])
        return success([as_json(score, known) for score, known in found])


class DownloadView(ApiView):
    renderer_classes = [JSONRenderer, ZipRenderer]

    @endpoint(
        "download_model",
        "Download a model's bundle as a zip",
        description="Weights (safetensors), manifest, and a reader that needs NumPy alone. The "
        "same model always gives the same bytes; `Repr-Digest` (RFC 9530) has their SHA-256.",
        media_types=[ZipRenderer.media_type],
        raises=[ModelNotFound, ModelDamaged, StorageUnavailable],
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        bundle = bundle_archive(stored_models.get_visible(request.user, model_id))
        return file_download(
            request,
            bundle.file,
            name=bundle.name,
            size_bytes=bundle.size_bytes,
            sha256=bundle.sha256,
            content_type=ZipRenderer.media_type,
        )


class PredictView(AsFiles):
    """Decisions from a date on, oldest first; of more than a page, `next` has the rest."""

    @endpoint(
        "predict",
        "What a model decides on imported bars",
        description="Oldest first, from `since` on, or on the newest 30 bars; of more than a "
        "page, `next` has the rest; `format=csv` and `parquet` are one file. A user's predictions "
        "wait for each other; what would take more than 10 s or 512 MB, of a file 60 s or 1,000 "
        "MB, is 422, and `manage.py predict` computes it.",
        query=PredictQuery,
        data=answers.Predictions(),
        paged=True,
        media_types=list(MEDIA_TYPES.values()),
        raises=[TooLargeHere, *OF_INPUTS],
        example=examples.PREDICTIONS,
    )
    def get(self, request: Request, model_id: int) -> HttpResponseBase:
        model = stored_models.get_visible(request.user, model_id)
        wanted = query(PredictQuery, request)
        wanted.pop("format", None)  # it is negotiated
        if (format := format_of(request)) != "json":
            file = ask_predictions(asked_by(request), model, wanted, format=format)
            return sent(request, file, name=f"model_{model.pk}_predictions")
        found = ask(
            model,
            user=request.user,
            visit=visit_of(request),
            limit=selectors.MAX_ROWS,
            **wanted,
        )
        here, then = request.build_absolute_uri(), found.next_time
        return success(
            found.shown,
            next=then and replace_query_param(here, "since", as_text(then)),
            previous=None,
        )

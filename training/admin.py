import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from operations.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from training.models import Import, MarketData, ModelArtifact, TrainedModel
from training.trained import looks
from training.trained.stored_models import with_state_digest


class ModelArtifactInline(ReadOnlyInline):
    model = ModelArtifact
    fields = ("name", "size_bytes", "sha256")
    readonly_fields = fields
    show_change_link = False


@admin.register(TrainedModel)
class TrainedModelAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "operation",
        "size_bytes",
        "state_digest",
        "weights_sha256",
        "created_at",
    )
    list_select_related = ("operation",)
    search_fields = ("name", "operation__id__startswith", "weights_sha256__startswith")
    list_filter = ("created_at",)
    exclude = ("evaluation",)
    readonly_fields = ("state_digest", "evaluation_by_now", "download")
    inlines = (ModelArtifactInline,)

    def view_on_site(self, model: TrainedModel) -> str:
        return reverse("model", args=[model.pk])

    @admin.display(description="state digest")
    def state_digest(self, model: TrainedModel) -> str:
        return model.state_digest or ""

    @admin.display(description="evaluation")
    def evaluation_by_now(self, model: TrainedModel) -> str:
        looks.count([model])
        return json.dumps(looks.as_read(model.evaluation, model.looks))

    @admin.display(description="bundle")
    def download(self, model: TrainedModel) -> str:
        address = reverse("api:model-download", args=[model.pk])
        return format_html('<a href="{}">Download</a>', address)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainedModel]:
        rows: QuerySet[TrainedModel] = super().get_queryset(request)
        return with_state_digest(rows).defer("evaluation", "strategy")


@admin.register(MarketData)
class MarketDataAdmin(ReadOnlyAdmin):
    list_display = ("symbol", "timeframe", "num_rows", "fingerprint", "imported_at")
    list_filter = ("timeframe",)
    search_fields = ("symbol", "fingerprint__startswith")


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = (
        "symbol",
        "timeframe",
        "number",
        "kind",
        "num_rows",
        "actor_name",
        "imported_at",
    )
    list_filter = ("kind", "timeframe")
    search_fields = ("symbol", "fingerprint__startswith")

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from operations.api.urls import ONE  # and its converters
from training.api import data, explaining, imports, inputs, models, rules, starts, tables, uploads
from training.strategy.values import SYMBOL


class SymbolConverter(StringConverter):
    regex = SYMBOL.removeprefix("^").removesuffix("$")


class UploadConverter(StringConverter):
    regex = r"[A-Za-z0-9_-]{1,64}"


register_converter(SymbolConverter, "symbol")
register_converter(UploadConverter, "upload_id")

MODEL = "models/<row_id:model_id>"
UPLOAD = "uploads/<upload_id:upload_id>"
SERIES = "data/<symbol:symbol>/<str:timeframe>"

urlpatterns = [
    path("training/start", starts.StartView.as_view(), name="start-training"),
    path("training/sweep", starts.SweepView.as_view(), name="start-sweep"),
    path("training/walk-forward", starts.WalkForwardView.as_view(), name="start-walk-forward"),
    path(
        "training/cross-validation",
        starts.CrossValidationView.as_view(),
        name="start-cross-validation",
    ),
    path(f"{ONE}/extend", starts.ExtendView.as_view(), name="extend"),
    path(f"{ONE}/open-test", starts.OpenTestView.as_view(), name="open-test"),
    path(
        f"{ONE}/extend-walk-forward",
        starts.ExtendWalkForwardView.as_view(),
        name="extend-walk-forward",
    ),
    path(f"{ONE}/fork", starts.ForkView.as_view(), name="fork"),
    path(f"{ONE}/metrics", tables.MetricsView.as_view(), name="metrics"),
    path("strategies", inputs.StrategiesView.as_view(), name="strategies"),
    path("strategies/validate", inputs.ValidateView.as_view(), name="validate-strategy"),
    path("strategies/<str:name>", inputs.StrategyView.as_view(), name="strategy"),
    path("ledger", models.LedgerView.as_view(), name="ledger"),
    path("models", models.ModelsView.as_view(), name="models"),
    path(MODEL, models.ModelView.as_view(), name="model"),
    path(f"{MODEL}/equity", tables.EquityView.as_view(), name="equity"),
    path(f"{MODEL}/trades", tables.TradesView.as_view(), name="trades"),
    path(f"{MODEL}/features", tables.FeaturesView.as_view(), name="features"),
    path(f"{MODEL}/memberships", tables.MembershipsView.as_view(), name="memberships"),
    path(f"{MODEL}/download", models.DownloadView.as_view(), name="model-download"),
    path(f"{MODEL}/explain", explaining.ExplainView.as_view(), name="explain"),
    path(f"{MODEL}/importance", explaining.ImportanceView.as_view(), name="importance"),
    path(f"{MODEL}/sets", explaining.SetsView.as_view(), name="sets"),
    path(f"{MODEL}/rules", rules.RulesView.as_view(), name="rules"),
    path(f"{MODEL}/predict", models.PredictView.as_view(), name="predict"),
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path(UPLOAD, uploads.UploadView.as_view(), name="upload"),
    path(f"{UPLOAD}/preview", uploads.PreviewView.as_view(), name="upload-preview"),
    path(f"{UPLOAD}/import", uploads.ImportView.as_view(), name="upload-import"),
    path("data", inputs.DataView.as_view(), name="data"),
    path("data/<symbol:symbol>", inputs.SymbolDataView.as_view(), name="symbol-data"),
    path(SERIES, data.SeriesView.as_view(), name="series"),
    path(f"{SERIES}/bars", data.BarsView.as_view(), name="bars"),
    path(f"{SERIES}/imports", imports.ImportsView.as_view(), name="imports"),
    path(f"{SERIES}/undo", imports.UndoView.as_view(), name="undo-import"),
]

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from operations.api.urls import ONE  # and its converters
from training.api import views
from training.strategy.values import SYMBOL


class SymbolConverter(StringConverter):
    regex = SYMBOL.removeprefix("^").removesuffix("$")


register_converter(SymbolConverter, "symbol")

urlpatterns = [
    path("training/start", views.StartView.as_view(), name="start-training"),
    path(f"{ONE}/extend", views.ExtendView.as_view(), name="extend"),
    path(f"{ONE}/fork", views.ForkView.as_view(), name="fork"),
    path("strategies", views.StrategiesView.as_view(), name="strategies"),
    path("strategies/validate", views.ValidateView.as_view(), name="validate-strategy"),
    path("strategies/<str:name>", views.StrategyView.as_view(), name="strategy"),
    path("models", views.ModelsView.as_view(), name="models"),
    path("models/<row_id:model_id>", views.ModelView.as_view(), name="model"),
    path("models/<row_id:model_id>/download", views.DownloadView.as_view(), name="model-download"),
    path("models/<row_id:model_id>/predict", views.PredictView.as_view(), name="predict"),
    path("data", views.DataView.as_view(), name="data"),
    path("data/<symbol:symbol>", views.SymbolDataView.as_view(), name="symbol-data"),
]

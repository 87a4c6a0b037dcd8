"""The dashboard's pages that only trainings have."""

from django.urls import path

from operations.api.urls import ONE  # brings the converter of row ids, too
from training.api import urls as _converters  # noqa: F401  # that of symbols
from training.views.branch import ExtendView, ForkView, OpenTestView
from training.views.compare import CompareView
from training.views.curve import CurveView, EpochPicturesView, EpochPictureView, EpochsView
from training.views.data import DataView, SeriesView
from training.views.documents import EvaluationView
from training.views.folds import CrossValidationView, WalkForwardView
from training.views.importance import ImportanceView
from training.views.longer_walk import LongerWalkView
from training.views.model_pictures import ModelPictureView
from training.views.models import ModelsView, ModelView
from training.views.predict import PredictView
from training.views.price_picture import BarView
from training.views.sample import TrainSampleView
from training.views.search import SearchView
from training.views.series_imports import ForgetView, UndoView
from training.views.start import StartView
from training.views.uploads import UploadsView, UploadView

SERIES = "data/<symbol:symbol>/<str:timeframe>/"

urlpatterns = [
    path(f"{ONE}/curve/", CurveView.as_view(), name="operation-curve"),
    path(f"{ONE}/extend/", ExtendView.as_view(), name="extend"),
    path(f"{ONE}/extend-walk-forward/", LongerWalkView.as_view(), name="longer-walk"),
    path(f"{ONE}/fork/", ForkView.as_view(), name="fork"),
    path(f"{ONE}/open-test/", OpenTestView.as_view(), name="open-test"),
    path("data/", DataView.as_view(), name="market-data"),
    path("data/-/uploads/", UploadsView.as_view(), name="market-data-uploads"),
    path("data/-/uploads/<upload_id:upload_id>/", UploadView.as_view(), name="upload"),
    path(SERIES, SeriesView.as_view(), name="series"),
    path(f"{SERIES}undo/", UndoView.as_view(), name="undo-import"),
    path(f"{SERIES}forget/", ForgetView.as_view(), name="forget-series"),
    path(f"{ONE}/epochs/", EpochsView.as_view(), name="operation-epochs"),
    path(f"{ONE}/pictures/", EpochPicturesView.as_view(), name="epoch-pictures"),
    path(
        f"{ONE}/pictures/<str:name>.<str:file_type>",
        EpochPictureView.as_view(),
        name="epoch-picture",
    ),
    path("start/", StartView.as_view(), name="start"),
    path("start/search/", SearchView.as_view(), name="start-search"),
    path("start/walk-forward/", WalkForwardView.as_view(), name="start-walk-forward"),
    path("start/cross-validation/", CrossValidationView.as_view(), name="start-cross-validation"),
    path("start/sample/", TrainSampleView.as_view(), name="train-sample"),
    path("models/", ModelsView.as_view(), name="models"),
    path("models/<row_id:model_id>/", ModelView.as_view(), name="model"),
    path(
        "models/<row_id:model_id>/pictures/<str:name>/", ModelPictureView.as_view(), name="picture"
    ),
    path("models/<row_id:model_id>/bar/", BarView.as_view(), name="model-bar"),
    path("models/<row_id:model_id>/importance/", ImportanceView.as_view(), name="model-importance"),
    path("evaluation/", EvaluationView.as_view(), name="evaluation"),
    path("models/<row_id:model_id>/predict/", PredictView.as_view(), name="predict"),
    path("compare/", CompareView.as_view(), name="compare"),
]

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from operations.api import checkpoints, description, views


class OperationIdConverter(StringConverter):
    regex = "[A-Za-z0-9_-]{1,64}"


class RowIdConverter(StringConverter):
    """The id of a row in a table with numbered rows; longer numbers are no row's."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:  # type: ignore[override]
        return int(value)


class FileNameConverter(StringConverter):
    """A name that the checkpoint storage can hold; it is looked up, and never part of a path."""

    regex = "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"


register_converter(OperationIdConverter, "operation_id")
register_converter(RowIdConverter, "row_id")
register_converter(FileNameConverter, "file_name")

ONE = "operations/<operation_id:operation_id>"
ONE_CHECKPOINT = "checkpoints/<row_id:checkpoint_id>"

urlpatterns = [
    path("schema", description.SchemaView.as_view(), name="schema"),
    path("docs", description.DocsView.as_view(), name="docs"),
    path("workers", views.WorkersView.as_view(), name="workers"),
    path("operations", views.OperationListView.as_view(), name="operations"),
    path(ONE, views.OperationDetailView.as_view(), name="operation"),
    path(f"{ONE}/cancel", views.CancelView.as_view(), name="cancel"),
    path(f"{ONE}/resume", views.ResumeView.as_view(), name="resume"),
    path(f"{ONE}/restart", views.RestartView.as_view(), name="restart"),
    path(f"{ONE}/describe", views.DescribeView.as_view(), name="describe"),
    path(f"{ONE}/attempts", views.AttemptsView.as_view(), name="attempts"),
    path(f"{ONE}/checkpoints", views.CheckpointsView.as_view(), name="checkpoints"),
    path(f"{ONE}/events", views.EventsView.as_view(), name="events"),
    path(f"{ONE}/logs", views.LogsView.as_view(), name="logs"),
    path(f"{ONE}/results", views.ResultsView.as_view(), name="results"),
    path("checkpoints", checkpoints.CheckpointListView.as_view(), name="all-checkpoints"),
    path("checkpoints/stats", checkpoints.StatisticsView.as_view(), name="checkpoint-stats"),
    path("checkpoints/cleanup", checkpoints.CleanUpView.as_view(), name="checkpoint-cleanup"),
    path(ONE_CHECKPOINT, checkpoints.CheckpointView.as_view(), name="checkpoint"),
    path(f"{ONE_CHECKPOINT}/verify", checkpoints.VerifyView.as_view(), name="verify-checkpoint"),
    path(
        f"{ONE_CHECKPOINT}/artifacts/<file_name:name>",
        checkpoints.ArtifactView.as_view(),
        name="artifact",
    ),
]

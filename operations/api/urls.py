from django.urls import path, register_converter
from django.urls.converters import StringConverter

from operations.api import description, views


class OperationIdConverter(StringConverter):
    regex = "[A-Za-z0-9_-]{1,64}"


register_converter(OperationIdConverter, "operation_id")

ONE = "operations/<operation_id:operation_id>"

urlpatterns = [
    path("schema", description.SchemaView.as_view(), name="schema"),
    path("docs", description.DocsView.as_view(), name="docs"),
    path("workers", views.WorkersView.as_view(), name="workers"),
    path("operations", views.OperationListView.as_view(), name="operations"),
    path(ONE, views.OperationDetailView.as_view(), name="operation"),
    path(f"{ONE}/cancel", views.CancelView.as_view(), name="cancel"),
    path(f"{ONE}/resume", views.ResumeView.as_view(), name="resume"),
    path(f"{ONE}/restart", views.RestartView.as_view(), name="restart"),
    path(f"{ONE}/attempts", views.AttemptsView.as_view(), name="attempts"),
    path(f"{ONE}/checkpoints", views.CheckpointsView.as_view(), name="checkpoints"),
    path(f"{ONE}/metrics", views.MetricsView.as_view(), name="metrics"),
    path(f"{ONE}/events", views.EventsView.as_view(), name="events"),
    path(f"{ONE}/results", views.ResultsView.as_view(), name="results"),
]

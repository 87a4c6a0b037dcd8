"""The dashboard's pages that only trainings have."""

from django.urls import path

from training.views.start import StartView

urlpatterns = [
    path("start/", StartView.as_view(), name="start"),
]

"""The dashboard's addresses."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path
from django.views.generic import RedirectView

from operations.api.urls import ONE  # brings the converter of operation ids
from operations.sign_in import SignInForm
from operations.views.listing import OperationsView
from operations.views.operation import OperationView
from operations.views.workers import WorkersView

LOGIN = LoginView.as_view(
    template_name="operations/login.html",
    next_page="operations",
    authentication_form=SignInForm,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="operations")),
    path("operations/", OperationsView.as_view(), name="operations"),
    path(f"{ONE}/", OperationView.as_view(), name="operation"),
    path("workers/", WorkersView.as_view(), name="workers"),
    path("login/", LOGIN, name="login"),
    path("logout/", LogoutView.as_view(next_page="login"), name="logout"),
]

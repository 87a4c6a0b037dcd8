"""The dashboard's addresses."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView

from operations.access.sign_in import SignInForm, SignInView
from operations.api.urls import ONE, ONE_CHECKPOINT  # brings their converters
from operations.views import account, actions, describe, listing, operation, restart
from operations.views.workers import WorkersView

LOGIN = SignInView.as_view(
    template_name="operations/login.html",
    next_page="operations",
    authentication_form=SignInForm,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="operations")),
    path("operations/", listing.OperationsView.as_view(), name="operations"),
    path("operations/-/rows/", listing.OperationRowsView.as_view(), name="operation-rows"),
    path("operations/-/summary/", listing.SummaryView.as_view(), name="operations-summary"),
    path("operations/-/act/", actions.BulkView.as_view(), name="operations-bulk"),
    path(f"{ONE}/", operation.OperationView.as_view(), name="operation"),
    path(f"{ONE}/row/", listing.OperationRowView.as_view(), name="operation-row"),
    path(f"{ONE}/header/", operation.OperationHeaderView.as_view(), name="operation-header"),
    path(f"{ONE}/history/", operation.OperationHistoryView.as_view(), name="operation-history"),
    path(
        f"{ONE}/attempts.<str:file_type>",
        operation.AttemptsPictureView.as_view(),
        name="attempts-picture",
    ),
    path(f"{ONE}/log/", operation.OperationLogView.as_view(), name="operation-log"),
    path(f"{ONE}/resume/", actions.ResumeView.as_view(), name="resume"),
    path(f"{ONE}/cancel/", actions.CancelView.as_view(), name="cancel"),
    path(f"{ONE}/restart/", restart.RestartView.as_view(), name="restart"),
    path(f"{ONE}/describe/", describe.DescribeView.as_view(), name="describe"),
    path(f"{ONE_CHECKPOINT}/verify/", actions.VerifyView.as_view(), name="verify-checkpoint"),
    path("workers/", WorkersView.as_view(), name="workers"),
    path("account/", account.AccountView.as_view(), name="account"),
    path("account/password/", account.PasswordView.as_view(), name="change-password"),
    path("account/tokens/", account.MakeTokenView.as_view(), name="make-token"),
    path("account/tokens/revoke/", account.RevokeTokenView.as_view(), name="revoke-token"),
    path("account/sign-out/", account.SignOutEverywhereView.as_view(), name="sign-out-everywhere"),
    path("login/", LOGIN, name="login"),
    path("logout/", LogoutView.as_view(next_page="login"), name="logout"),
]

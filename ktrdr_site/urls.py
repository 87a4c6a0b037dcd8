from typing import Any

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from operations.access.sign_in import AdminSignInForm
from operations.api.urls import urlpatterns as operations_api
from operations.monitoring.views import MetricsView
from operations.streams.views import ChangesView
from operations.urls import urlpatterns as dashboard
from training.api.urls import urlpatterns as training_api
from training.views.urls import urlpatterns as training_pages


class FaviconView(RedirectView):
    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return static("operations/favicon.svg")


admin.site.site_header = admin.site.site_title = "KTRDR"
admin.site.login_form = AdminSignInForm
admin.site.index_title = "Operations, checkpoints and models"

urlpatterns = [
    *dashboard,
    *training_pages,
    path("stream/", ChangesView.as_view(), name="stream"),
    # One home for one's own password: it counts wrong tries, and may end tokens, too.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(([*operations_api, *training_api], "api"))),
    # The admin's pages name no icon of their own: browsers ask here.
    path("favicon.ico", FaviconView.as_view()),
    path("metrics", MetricsView.as_view(), name="metrics"),
]

handler400 = "operations.api.problems.bad_request"
handler404 = "operations.api.problems.page_not_found"
handler500 = "operations.api.problems.server_error"

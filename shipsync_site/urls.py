"""Every address of the site; the doors name their own."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Says that the web process answers; workers are judged by their heartbeat."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("webhooks/", include("connectors.webhooks.urls")),
    path("api/", include("connectors.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
]

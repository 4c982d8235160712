"""Every address of the site; the doors name their own."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from connectors.api.status import MetricsView, healthz
from connectors.console.mail_link import mute_by_link

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("webhooks/", include("connectors.webhooks.urls")),
    path("api/", include("connectors.api.urls")),
    path("mail/mute/<str:token>/", mute_by_link, name="mute_by_link"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
]

"""Addresses of the webhook receipt."""

from django.urls import URLPattern, URLResolver, re_path

from connectors.webhooks.views import ShipHeroWebhookView

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(
        r"^shiphero/(?P<token>[A-Za-z0-9_-]{16,64})/$",
        ShipHeroWebhookView.as_view(),
        name="shiphero_webhook",
    ),
]

"""Addresses of the webhook receipt."""

from django.urls import URLPattern, URLResolver, re_path

from connectors.webhooks.messages import CalloutView, MessageView
from connectors.webhooks.views import ShipHeroWebhookView

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(
        r"^shiphero/(?P<token>[A-Za-z0-9_-]{16,64})/$",
        ShipHeroWebhookView.as_view(),
        name="shiphero_webhook",
    ),
    re_path(
        r"^salesforce/(?P<token>[A-Za-z0-9_-]{16,64})/$",
        MessageView.as_view(),
        name="salesforce_message",
    ),
    re_path(
        r"^salesforce/(?P<token>[A-Za-z0-9_-]{16,64})/json/$",
        CalloutView.as_view(),
        name="salesforce_callout",
    ),
]

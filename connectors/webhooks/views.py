"""Receipt of ShipHero's webhooks: verify the raw bytes, store them, answer.

Nothing is parsed here. What the body says is the job's matter.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as StorageError
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connectors.errors import AuthError
from connectors.models import WebhookRegistration
from connectors.webhooks import receipt, signatures
from connectors.webhooks.reading import UnreadableBodyError, read_body

logger = logging.getLogger(__name__)

MESSAGE_ID_HEADER = "X-Shiphero-Message-ID"
# What ShipHero expects of a listener, as strings (developer.shiphero.com/webhooks).
ACCEPTED = {"code": "200", "Status": "Success"}
RETRY_AFTER = {"Retry-After": "30"}
# A refused sender is logged once in this time, and counted every time.
LOG_STEP = timedelta(minutes=1)


class AnyAccept(BaseContentNegotiation):
    """A sender's Accept header must not cost a delivery."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> None:
        return None

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class ShipHeroWebhookView(APIView):
    """One address per registration: its token is one secret, the signature another."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AnyAccept
    http_method_names = ["post", "head"]
    schema = None

    def head(self, _request: Request, token: str) -> Response:
        """ShipHero looks whether somebody is at home."""
        return Response(status=status.HTTP_200_OK)

    def post(self, request: Request, token: str) -> Response:
        try:
            return _receive(request._request, token)
        except (StorageError, AuthError):
            # AuthError: the key of our stored secrets is missing. Both pass when
            # somebody acts, and the sender tries again until then.
            logger.exception("A webhook could not be received")
            return Response(
                {"detail": "Try again later."},
                status=status.HTTP_503_SERVICE_UNAVAILABLE,
                headers=RETRY_AFTER,
            )


def _receive(request: HttpRequest, token: str) -> Response:
    now = timezone.now()
    registration = WebhookRegistration.objects.filter(token=token).first()
    try:
        body = read_body(request, limit=settings.SHIPSYNC_MAX_WEBHOOK_BYTES)
    except UnreadableBodyError as error:
        return _refuse(registration, error.status, str(error), now)
    signer = signatures.find_signer(
        request.headers.get(signatures.SIGNATURE_HEADER),
        body=body,
        secrets=_secrets(registration, now),
    )
    if registration is None or signer is None:
        return _refuse(registration, 401, "The signature is missing or wrong.", now)
    if signer != signatures.CURRENT:
        logger.info("Webhook registration %s used its old secret", registration.pk)
    receipt.keep(registration, _arrival(request, body, now))
    return Response(ACCEPTED)


def _secrets(
    registration: WebhookRegistration | None, now: datetime
) -> Mapping[str, bytes]:
    if registration is None:
        return signatures.NOBODYS_SECRETS
    return signatures.active_secrets(
        registration.secrets, not_after=registration.secret_not_after, now=now
    )


def _arrival(request: HttpRequest, body: bytes, now: datetime) -> receipt.Arrival:
    media_type = (request.content_type or "")[:80]
    plain = media_type.isascii() and media_type.isprintable()
    return receipt.Arrival(
        body=body,
        message_id=receipt.message_key(request.headers.get(MESSAGE_ID_HEADER)),
        media_type=media_type if plain else "application/octet-stream",
        received_at=now,
    )


def _refuse(
    registration: WebhookRegistration | None, code: int, words: str, now: datetime
) -> Response:
    if registration is None:
        return _quiet(Response({"detail": "Not found."}, status=404))
    receipt.refuse(registration, now=now)
    last = registration.last_refused_at
    if last is None or now - last >= LOG_STEP:
        logger.warning(
            "Webhook registration %s refused a delivery: %s", registration.pk, words
        )
    return _quiet(Response({"detail": words}, status=code))


def _quiet(response: Response) -> Response:
    """Django would log each refusal, with the address; strangers could fill the disk."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response

"""Receipt of Salesforce's messages: store the raw bytes, read them, ring, acknowledge.

An outbound message bears no signature. Its address is the secret, its organization is
checked, and what it names is read over REST before anything is done. Salesforce
repeats whatever is not acknowledged for a day.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from django.conf import settings
from django.db import Error as StorageError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from connectors.errors import AuthError
from connectors.hearing import (
    MessageForm,
    MessageState,
    SalesforceListener,
    SalesforceMessage,
)
from connectors.models import Payload
from connectors.salesforce.ids import is_same
from connectors.salesforce.outbound import (
    ACK,
    SOAP,
    Envelope,
    EnvelopeError,
    read_json,
    read_soap,
)
from connectors.sync import nudges
from connectors.webhooks import signatures
from connectors.webhooks.reading import UnreadableBodyError, read_body
from connectors.webhooks.receipt import digest_of

logger = logging.getLogger(__name__)

XML = "text/xml; charset=utf-8"
SIGNATURE_HEADER = "X-ShipSync-Hmac-Sha256"
LOG_STEP = timedelta(minutes=1)


class RefusedError(Exception):
    """The message is not taken; `status` and the words go to the sender."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Form:
    """How one form of message is read, answered and refused."""

    name: MessageForm
    read: Callable[[bytes], Envelope]
    taken: Callable[[], HttpResponse]
    refused: Callable[[int, str], HttpResponse]


def _fault(status: int, words: str) -> HttpResponse:
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}">'
        "<soapenv:Body><soapenv:Fault><faultcode>soapenv:Client</faultcode>"
        f"<faultstring>{escape(words)}</faultstring></soapenv:Fault></soapenv:Body>"
        "</soapenv:Envelope>"
    )
    return HttpResponse(body, status=status, content_type=XML)


SOAP_FORM = Form(
    name=MessageForm.SOAP,
    read=read_soap,
    taken=lambda: HttpResponse(ACK, content_type=XML),
    refused=_fault,
)
JSON_FORM = Form(
    name=MessageForm.JSON,
    read=read_json,
    taken=lambda: JsonResponse({"accepted": True}),
    refused=lambda status, words: JsonResponse({"detail": words}, status=status),
)


@method_decorator(csrf_exempt, name="dispatch")
class MessageView(View):
    """One address per organization; its token is the secret."""

    form = SOAP_FORM
    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        now = timezone.now()
        listener = None
        try:
            listener = _listener(token)
            self._receive(request, listener, now)
        except RefusedError as error:
            if listener is not None:
                _note_refusal(listener, str(error), now)
            return _quiet(self.form.refused(error.status, str(error)))
        except (StorageError, AuthError):
            # AuthError: the key of our stored secrets is missing. Both pass when
            # somebody acts, and Salesforce tries again for a day.
            logger.exception("A message from Salesforce could not be received")
            answer = self.form.refused(503, "Try again later.")
            answer["Retry-After"] = "30"
            return answer
        return self.form.taken()

    def _receive(
        self, request: HttpRequest, listener: SalesforceListener, now: datetime
    ) -> None:
        try:
            body = read_body(request, limit=settings.SHIPSYNC_MAX_WEBHOOK_BYTES)
        except UnreadableBodyError as error:
            raise RefusedError(error.status, str(error)) from error
        self.authenticate(request, listener, body, now)
        message = _store(listener, self.form.name, body, now)
        try:
            envelope = self._read(listener, body)
        except RefusedError as error:
            SalesforceMessage.objects.filter(pk=message.pk).update(
                state=MessageState.REFUSED, reason=str(error)[:255]
            )
            raise
        nudges.take(listener, message, envelope.notifications, now=now)
        _note_received(listener, now)

    def authenticate(
        self,
        request: HttpRequest,
        listener: SalesforceListener,
        body: bytes,
        now: datetime,
    ) -> None:
        """The address is all the proof that an outbound message can bring."""

    def _read(self, listener: SalesforceListener, body: bytes) -> Envelope:
        try:
            envelope = self.form.read(body)
        except EnvelopeError as error:
            raise RefusedError(400, str(error)) from error
        ours = listener.organization.org_id
        if not ours:
            raise RefusedError(503, "ShipSync is not connected to Salesforce yet.")
        if not is_same(ours, envelope.organization_id):
            raise RefusedError(
                403,
                f"It comes from the organization {envelope.organization_id}, which "
                "does not belong to this address.",
            )
        return envelope


class CalloutView(MessageView):
    """Callouts of Apex or flows: JSON, signed, or with the secret itself as bearer.

    Apex can sign (`Crypto.generateMac`); a flow's HTTP callout can only send what its
    external credential holds.
    """

    form = JSON_FORM

    def authenticate(
        self,
        request: HttpRequest,
        listener: SalesforceListener,
        body: bytes,
        now: datetime,
    ) -> None:
        stored = signatures.active_secrets(listener.secrets, not_after=None, now=now)
        signer = signatures.find_signer(
            request.headers.get(SIGNATURE_HEADER), body=body, secrets=stored
        )
        if signer is None and not _bears_secret(request, stored):
            raise RefusedError(401, "The signature is missing or wrong.")


def _bears_secret(request: HttpRequest, stored: Mapping[str, bytes]) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    presented = given.strip().encode("utf-8", "surrogatepass")
    return any(constant_time_compare(presented, one) for one in stored.values())


def _listener(token: str) -> SalesforceListener:
    found = (
        SalesforceListener.objects.filter(token=token)
        .select_related("organization")
        .first()
    )
    if found is None:
        raise RefusedError(404, "Not found.")
    return found


def _store(
    listener: SalesforceListener, form: MessageForm, body: bytes, now: datetime
) -> SalesforceMessage:
    """Keep the bytes before anything looks into them."""
    digest = digest_of(body)
    payload = Payload.objects.create(
        digest=digest,
        body=body,
        media_type="text/xml" if form == MessageForm.SOAP else "application/json",
        size=len(body),
        is_raw=True,
        is_personal=True,
        created_at=now,
        expires_at=now + timedelta(days=settings.SHIPSYNC_RAW_BODY_DAYS),
    )
    return SalesforceMessage.objects.create(
        organization=listener.organization,
        form=form,
        digest=digest,
        payload=payload,
        received_at=now,
    )


def _note_received(listener: SalesforceListener, now: datetime) -> None:
    last = listener.last_received_at
    if last is None or now - last >= timedelta(seconds=10):
        SalesforceListener.objects.filter(pk=listener.pk).update(last_received_at=now)


def _note_refusal(listener: SalesforceListener, words: str, now: datetime) -> None:
    """A refused message is a lost one for us: count it where people see it."""
    SalesforceListener.objects.filter(pk=listener.pk).update(
        refused_count=F("refused_count") + 1,
        last_refused_at=now,
        last_refusal=words[:255],
    )
    last = listener.last_refused_at
    if last is None or now - last >= LOG_STEP:
        logger.warning("Listener %s refused a message: %s", listener.pk, words)


def _quiet(response: HttpResponse) -> HttpResponse:
    """Django would log each refusal, with the address; strangers could fill the disk."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response

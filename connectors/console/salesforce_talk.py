"""What Salesforce told and asked: messages, requests, listeners, and the way back."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from connectors.accounts import permissions
from connectors.console import markup, offers, pages, panels
from connectors.console.base import MirrorAdmin, column, list_address, page_address
from connectors.console.offers import Call, Offer
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import (
    Scope,
    by_account,
    by_account_or_organization,
    scope_of,
)
from connectors.console.searching import Search
from connectors.hearing import (
    RequestState,
    SalesforceListener,
    SalesforceMessage,
    SalesforceRequest,
)
from connectors.salesforce.ids import long_id
from connectors.sync import listeners, requests
from orders.models import Order


def of_organization(scope: Scope) -> Q:
    """Rows about an organization as a whole."""
    return Q(organization__in=scope.organizations)


def of_request(scope: Scope) -> Q:
    """Requests for the user's orders, and those that name none."""
    mine = by_account("order__account", brand="order__brand")
    return mine(scope) | Q(order=None, organization__in=scope.organizations)


class SalesforceMessageAdmin(MirrorAdmin):
    is_endless = True
    scope = staticmethod(of_organization)
    search = Search(exact=("digest", "notifications__record_id"))
    search_help_text = "A record's id in 18 characters."
    list_note = (
        "Messages as they arrived: hints which record to read. A refused one is kept, "
        "and polling finds what it was about."
    )
    list_filter = ("state", "form")
    list_display = ("at", "form", "standing", "new", "repeated", "why")
    list_select_related = ("organization",)
    fieldsets = (
        (None, {"fields": ("standing", "why", "form", "organization")}),
        ("What it names", {"fields": ("named",)}),
        ("Body as received", {"fields": ("body",)}),
        (
            "Course",
            {"fields": ("received_at", "new", "repeated", "useless", "digest")},
        ),
    )

    @column("Received", order="received_at")
    def at(self, row: SalesforceMessage) -> SafeString | str:
        return markup.when(row.received_at)

    @column("State", order="state")
    def standing(self, row: SalesforceMessage) -> SafeString:
        return markup.chip_html(row.state, row.get_state_display())

    @column("Reason")
    def why(self, row: SalesforceMessage) -> str:
        return row.reason

    @column("Records named")
    def new(self, row: SalesforceMessage) -> int:
        return row.new_count

    @column("Named before")
    def repeated(self, row: SalesforceMessage) -> int:
        return row.repeated_count

    @column("Of no use")
    def useless(self, row: SalesforceMessage) -> int:
        return row.bad_count

    @column("Records")
    def named(self, row: SalesforceMessage) -> str:
        return ", ".join(
            f"{one.sobject} {one.record_id}".strip() or one.problem
            for one in row.notifications.all()
        )

    @column("Body")
    def body(self, row: SalesforceMessage) -> SafeString | str:
        return markup.folded_payload("Body", row.payload)


class SalesforceRequestAdmin(MirrorAdmin):
    scope = staticmethod(of_request)
    search = Search(
        exact=("salesforce_id", "order_salesforce_id", "order__order_number"),
        words=("asked_by",),
    )
    search_help_text = "Order number, Salesforce id, or who asked."
    list_note = (
        "What people asked for in Salesforce, and what they were answered there."
    )
    list_filter = ("state", "kind", "is_told")
    list_display = ("at", "kind", "order_link", "standing", "asked_by", "said", "told")
    list_select_related = ("order", "organization")
    fieldsets = (
        (None, {"fields": ("kind", "order_link", "asked_by", "asked_at", "note")}),
        ("Answer", {"fields": ("standing", "answer", "why", "decided_at", "told")}),
        ("Keys", {"fields": ("salesforce_id", "order_salesforce_id", "answers")}),
    )

    @column("Asked", order="asked_at")
    def at(self, row: SalesforceRequest) -> SafeString | str:
        return markup.when(row.asked_at)

    @column("Order")
    def order_link(self, row: SalesforceRequest) -> SafeString | str:
        return markup.link_to(row.order)

    @column("State", order="state")
    def standing(self, row: SalesforceRequest) -> SafeString:
        return markup.chip_html(row.state, row.get_state_display())

    @column("Answer")
    def said(self, row: SalesforceRequest) -> str:
        """What a check found stands in the lines below the first."""
        return shorten(row.answer, 160, placeholder=" …")

    @column("Codes")
    def why(self, row: SalesforceRequest) -> SafeString:
        links = ((markup.link_to_code(code),) for code in row.codes)
        return format_html_join(", ", "{}", links)

    @column("Told in Salesforce")
    def told(self, row: SalesforceRequest) -> SafeString | str:
        return markup.when(row.told_at) if row.is_told else "Not yet"


class SalesforceListenerAdmin(MirrorAdmin):
    scope = staticmethod(of_organization)
    exclude = ("token", "secrets")
    list_note = (
        "Where each organization's messages arrive. Address and secret are not shown; "
        "manage.py salesforce_package writes them into the package."
    )
    list_display = ("organization", "received", "refused", "why", "own")
    list_select_related = ("organization",)

    @column("Last received", order="last_received_at")
    def received(self, row: SalesforceListener) -> SafeString | str:
        return markup.when(row.last_received_at)

    @column("Refused", order="refused_count")
    def refused(self, row: SalesforceListener) -> int:
        return row.refused_count

    @column("Last refused because")
    def why(self, row: SalesforceListener) -> str:
        return row.last_refusal

    @column("Last written by ShipSync", order="echo_count")
    def own(self, row: SalesforceListener) -> int:
        """A few are no fault: a message tells who wrote last when it is sent."""
        return row.echo_count


# -- buttons -----------------------------------------------------------------


def _renew_secret(call: Call) -> str:
    listeners.renew_secret(listener=call.subject, user=call.user, now=call.now)
    return "Callouts are signed with a new secret; the old one is good for a day."


def _renew_address(call: Call) -> str:
    listeners.renew_address(listener=call.subject, user=call.user, now=call.now)
    return "Fill and deploy the package's messages anew; until then polling does it."


def _tell_again(call: Call) -> str:
    requests.tell_again(request=call.subject, user=call.user, now=call.now)
    return "The answer is being written to Salesforce again."


def _is_told(row: SalesforceRequest) -> str:
    if row.state == RequestState.NEW:
        return "There is no answer yet."
    return "Salesforce shows the answer." if row.is_told else ""


OFFERS = (
    Offer(
        "renew-secret",
        SalesforceListener,
        "New callout secret",
        permissions.CHANGE_CONFIG,
        _renew_secret,
        help="For callouts of Apex or flows; outbound messages are not concerned.",
    ),
    Offer(
        "renew-address",
        SalesforceListener,
        "New address",
        permissions.CHANGE_CONFIG,
        _renew_address,
        help="When the address became known. Messages to the old one are refused.",
    ),
    Offer(
        "tell-again",
        SalesforceRequest,
        "Answer again",
        permissions.RETRY,
        _tell_again,
        _is_told,
        help="Write the answer to Salesforce once more.",
    ),
)


# -- panels and pages ----------------------------------------------------------


def not_told(view: View) -> dict[str, QuerySet[Any]]:
    rows = SalesforceRequest.objects.filter(
        is_told=False, answers__gte=requests.MOST_ANSWERS
    )
    if not view.scope.everything:
        rows = rows.filter(of_request(view.scope))
    return {"untold": rows}


def untold(view: View) -> list[Line]:
    """Answers that Salesforce does not take, or that something there undoes."""
    count = view.counts["untold"]
    address = list_address(SalesforceRequest, is_told__exact=0)
    words = "Requests whose answer does not stay in Salesforce"
    return [Line(words, address, count, "something there undoes it")] if count else []


def open_in_shipsync(request: HttpRequest, salesforce_id: str) -> HttpResponse:
    """The button on the order in Salesforce leads here, and on to the order's page.

    A full sandbox has the ids of production's orders, so the button says whose it is;
    an older one does not, and then production goes before a sandbox.
    """
    try:
        rows = Order.objects.filter(salesforce_id=long_id(salesforce_id))
        if whose := request.GET.get("org", ""):
            rows = rows.filter(organization__org_id__startswith=long_id(whose)[:15])
    except ValueError as error:
        raise Http404("This is no Salesforce id.") from error
    scope = scope_of(request.user)
    if not scope.everything:
        rows = rows.filter(by_account_or_organization(brand="brand")(scope))
    order = rows.order_by("organization__is_sandbox", "-pk").first()
    if order is None:
        raise Http404(
            "ShipSync has not read this order yet, or your role does not show it. "
            "Search for its number to ask Salesforce now."
        )
    return HttpResponseRedirect(page_address(order))


def register_all() -> None:
    """Buttons, the panel and the way back; the lists are registered with the others."""
    offers.register(*OFFERS)
    panels.register(
        Panel(
            "untold_requests",
            "Answers that do not reach Salesforce",
            untold,
            lambda: list_address(SalesforceRequest),
            "connectors.view_salesforcerequest",
            170,
            counted=not_told,
            empty="Every request from Salesforce is answered there.",
            is_empty_good=True,
        )
    )
    pages.register(
        pages.Page(
            name="open_from_salesforce",
            route="open/salesforce/<str:salesforce_id>/",
            view=open_in_shipsync,
            permission="orders.view_order",
            title="Open an order of Salesforce",
        )
    )

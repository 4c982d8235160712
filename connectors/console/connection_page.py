"""Whether a connection works: the remote system is asked now, and answered in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.debug import sensitive_variables

from connectors.accounts import permissions
from connectors.accounts.models import Account
from connectors.console.config_home import VIEW, owner_or_404
from connectors.console.pages import Page, address, register, show
from connectors.doctor.findings import Finding, Status
from connectors.doctor.salesforce import SalesforceLook
from connectors.doctor.shiphero import ShipHeroLook
from connectors.sync.config_history import Owner

TONES = {
    Status.OK: ("good", "In order"),
    Status.WARNING: ("warn", "Look at this"),
    Status.FAILED: ("bad", "Does not work"),
    Status.UNKNOWN: ("off", "Cannot be seen"),
}


@sensitive_variables()
def connection(request: HttpRequest, owner: str, pk: int) -> HttpResponse:
    """Ask the remote system now, and say in words what works and what helps."""
    whose = owner_or_404(request, owner, pk)
    account = whose if isinstance(whose, Account) else None
    findings: list[Finding] = []
    if request.method == "POST":
        permissions.require(request.user, permissions.SYNC_NOW, account)
        findings = look_at(whose)
    return show(
        request,
        "admin/console/connection.html",
        title=f"Connection: {whose}",
        crumbs={"Configuration": address("config")},
        owner=whose,
        system="ShipHero" if account else "Salesforce",
        findings=[(*TONES[one.status], one) for one in findings],
        is_asked=bool(findings),
        works=bool(findings) and not any(f.status is Status.FAILED for f in findings),
        may_ask=permissions.may(request.user, permissions.SYNC_NOW, account),
    )


def look_at(owner: Owner) -> list[Finding]:
    if isinstance(owner, Account):
        return list(ShipHeroLook(owner, now).run())
    return list(SalesforceLook(owner, now).run())


def register_pages() -> None:
    route = "config/<slug:owner>/<int:pk>/test/"
    register(Page("connection", route, connection, VIEW, "Connection", posts=True))

"""What axe says of the main pages, light and dark, and a job done by keyboard alone."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from connectors.config_versions import ConfigVersion
from connectors.models import FailedPayload
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
]

GRAVE = {"serious", "critical"}
# Without preloading: axe would ask for imported stylesheets at the page's own address.
RUN = """async () => (await axe.run(
    document, {resultTypes: ["violations"], preload: false})).violations
    .map(one => ({rule: one.id, impact: one.impact,
                  where: one.nodes.slice(0, 4).map(node => node.target.join(" "))}))"""


@pytest.fixture
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


@pytest.fixture
def parked(transactional_db: None) -> Any:
    order = order_rows.OrderFactory(order_number="00100042", state="failed")
    order_rows.LineItemFactory(order=order)
    export = order_rows.ExportFactory(order=order, account=order.account)
    shipment = order_rows.ShipmentFactory(export=export)
    order_rows.PackageFactory(shipment=shipment)
    job = rows.SyncJobFactory(account=order.account, order=order, state="parked")
    rows.FailedPayloadFactory(job=job, reason="The postal code is missing.")
    rows.SyncAttemptFactory(job=job)
    rows.HeartbeatFactory()
    for number in (1, 2):
        ConfigVersion.objects.create(
            kind="shipping_methods",
            account=order.account,
            number=number,
            document={"Ground": {"carrier": "ups", "method": f"m{number}"}},
            created_at=now(),
        )
    return order


def addresses(order: Any) -> list[str]:
    account = order.account_id
    return [
        "/admin/",
        "/admin/orders/order/",
        f"/admin/orders/order/{order.pk}/change/",
        "/admin/failures/",
        "/admin/connectors/failedpayload/",
        f"/admin/connectors/failedpayload/{order.failures.get().pk}/change/",
        "/admin/connectors/syncattempt/",
        "/admin/inventory/stocklevel/",
        "/admin/inventory/stockdiscrepancy/",
        "/admin/config/",
        f"/admin/config/account/{account}/kind/shipping_methods/?back=1",
        f"/admin/config/account/{account}/import/",
        f"/admin/config/account/{account}/test/",
        f"/admin/maps/{account}/sku_aliases/",
        f"/admin/routing/{account}/",
        f"/admin/checks/{account}/",
        f"/admin/mapping/{order.organization_id}/",
        "/admin/unmapped/",
        f"/admin/accounts/account/{account}/change/",
        "/admin/accounts/scopedsetting/",
        "/admin/schedules/",
        "/admin/mail/",
        "/admin/find/?q=nothing+has+this",
        "/admin/errors/",
        "/admin/find/",
        f"/admin/failures/retry/?account={account}",
        "/admin/orders/export/",
        f"/admin/orders/export/{order.exports.get().pk}/change/",
        "/admin/orders/shipment/",
        "/admin/connectors/webhookdelivery/",
        "/admin/accounts/credential/add/",
        f"/admin/accounts/account/{account}/history/",
        "/admin/password_change/",
    ]


def grave(page: Any, axe: str) -> list[str]:
    """What axe calls serious or critical on the page that is shown."""
    page.evaluate(axe)
    return [
        f"{page.url}: {one['rule']} at {', '.join(one['where'])}"
        for one in page.evaluate(RUN)
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    open_page: Any, parked: Any, axe: str, scheme: str
) -> None:
    # axe itself styles what it measures, which the policy would refuse it.
    page = open_page("integrator", scheme=scheme, bypass_csp=True)
    found = []
    for at in addresses(parked):
        page.goto(at)
        found += grave(page, axe)
    page.context.clear_cookies()
    page.goto("/admin/login/")
    found += grave(page, axe)

    assert not found, "\n".join(found)


def test_axe_notices_a_contrast_that_is_too_low(open_page: Any, axe: str) -> None:
    page = open_page("viewer", bypass_csp=True)
    page.goto("/admin/failures/")
    assert grave(page, axe) == []

    page.add_style_tag(content=".lead { color: #bbb !important; }")

    assert [text.split()[1] for text in grave(page, axe)] == ["color-contrast"]


def test_a_failed_order_is_found_and_retried_by_keyboard_alone(
    open_page: Any, parked: Any
) -> None:
    page = open_page("operator")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.wait_for_load_state()
    keys = page.keyboard

    keys.press("/")
    keys.type("00100042")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="00100042")).to_be_visible()
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    keys.press("Enter")
    for _ in range(8):
        keys.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Retry":
            break
    keys.press("Enter")

    expect(page.get_by_text("It is tried again now.")).to_be_visible()
    assert not FailedPayload.objects.filter(closed_at=None).exists()

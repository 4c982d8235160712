"""Records say what they hold in words: no codes, no alarming crosses, no bare times."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from connectors.console import setting_topics
from connectors.console.hits import hit
from connectors.console.parcels import service_of
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

SHIPPED = datetime(2026, 5, 4, 13, 2, 1, tzinfo=UTC)


def test_no_is_a_word_and_not_a_red_cross(sign_in, page_of):
    export = order_rows.ExportFactory(linked_by_person=False)

    page = sign_in("viewer").get(page_of(export)).content.decode()

    assert "icon-no" not in page
    said = r'field-linked_by_person.*?<div class="readonly">No</div>'
    assert re.search(said, page, re.S)


def test_a_time_has_its_zone_and_its_moment_for_a_machine(sign_in, page_of):
    export = order_rows.ExportFactory(sent_at=SHIPPED)

    page = sign_in("viewer").get(page_of(export)).content.decode()

    assert (
        '<time class="exact" datetime="2026-05-04T13:02:01+00:00">'
        "2026-05-04 13:02:01 UTC</time>" in page
    )


def test_the_list_of_exports_tells_when_and_not_what_was_sent(sign_in):
    order_rows.ExportFactory(sent={"ship_to": {"city": "Tulsa"}}, sent_at=SHIPPED)

    page = sign_in("viewer").get(reverse("admin:orders_export_changelist"))

    assert "Tulsa" not in page.content.decode()
    assert 'title="2026-05-04 13:02:01 UTC"' in page.content.decode()


def test_a_shipment_names_its_warehouse(sign_in, page_of):
    shipment = order_rows.ShipmentFactory(warehouse="V2FyZQ")
    stock.WarehouseFactory(account=shipment.account, remote_id="V2FyZQ", name="Reno")

    client = sign_in("viewer")

    for address in (
        page_of(shipment),
        reverse("admin:orders_shipment_changelist"),
    ):
        page = client.get(address).content.decode()
        assert "Reno" in page
        assert "V2FyZQ" not in page


def test_a_salesforce_product_without_an_sku_can_be_opened(sign_in, page_of):
    product = stock.SourceProductFactory(sku="")
    address = reverse("admin:inventory_sourceproduct_changelist")

    page = sign_in("viewer").get(address).content.decode()

    assert f'<a href="{page_of(product)}">no SKU</a>' in page


def test_a_failure_leads_to_all_of_its_cause(sign_in, page_of):
    failure = rows.FailedPayloadFactory(fingerprint="zip")
    cause = rows.CauseFactory(fingerprint="zip")

    page = sign_in("viewer").get(page_of(failure)).content.decode()

    assert reverse("admin:cause", args=[cause.pk]) in page


@pytest.mark.parametrize(
    ("carrier", "method", "words"),
    [
        ("ups", "ups_ground", "UPS Ground"),
        ("fedex", "fedex_2_day", "FedEx 2 day"),
        ("ups", "UPS Ground", "UPS Ground"),
        ("Gopher", "", "Gopher"),
        ("", "", ""),
    ],
)
def test_a_carrier_and_its_method_are_named_once(carrier, method, words):
    package = order_rows.PackageFactory.build(
        shipment=None, carrier=carrier, method=method
    )

    assert service_of(package) == words


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("late_after_seconds", 300, "5 min"),
        ("quarantine_seconds", 90, "90 s"),
        ("stuck_packed_minutes", 240, "4 h"),
        ("movements_days", 400, "400 d"),
        ("hold_window_seconds", 0, "0 s"),
        ("cancel_by_itself", False, "no"),
        ("availability_bulk_from", 2000, "2,000"),
        ("api_share_background", 0.8, "0.8"),
        ("restored_at", "", "none"),
    ],
)
def test_a_setting_is_told_in_its_largest_unit_where_nothing_is_lost(key, value, words):
    assert setting_topics.words_of(key, value) == words


def test_a_setting_is_set_from_its_own_row(sign_in):
    row = accounts.ScopedSettingFactory(key="late_after_seconds", value=600)
    client = sign_in("integrator")

    page = client.get(reverse("admin:accounts_scopedsetting_changelist"))
    topics = page.context["topics"]
    held = {one.spec.key: one for each in topics.values() for one in each}

    assert held["late_after_seconds"].rows == [(row, "10 min")]
    form = client.get(held["stale_after_seconds"].add).context["adminform"].form
    assert form.initial["key"] == "stale_after_seconds"


def test_the_catalogue_counts_the_open_failures_of_each_code(sign_in):
    rows.FailedPayloadFactory(code="address.city_missing")
    rows.FailedPayloadFactory(code="address.city_missing", closed_at=SHIPPED)

    groups = sign_in("viewer").get(reverse("admin:errors")).context["groups"]
    counts = {one.entry.code: one.count for each in groups.values() for one in each}

    assert counts["address.city_missing"] == 1
    assert sum(counts.values()) == 1


@pytest.mark.parametrize(
    "make",
    [
        order_rows.OrderFactory,
        order_rows.ExportFactory,
        order_rows.ShipmentFactory,
        rows.SyncAttemptFactory,
        rows.FailedPayloadFactory,
        rows.WebhookDeliveryFactory,
    ],
)
def test_a_found_record_has_its_name_as_a_link(make):
    assert '<span class="hit-name"><a href="/admin/' in hit(make())


def test_a_record_that_people_change_leads_to_who_changed_it(sign_in, page_of):
    account = accounts.AccountFactory(name="Acme")
    for kind, action in (("account", "pause"), ("brand", "add_brand")):
        accounts.AuditFactory(
            at=SHIPPED,
            object_type=f"accounts.{kind}",
            object_id=str(account.pk),
            action=action,
        )
    client = sign_in("integrator")

    links = dict(client.get(page_of(account)).context["more_links"])
    rows_of_it = client.get(links["History"]).context["cl"].result_list
    old = client.get(page_of(account).replace("change", "history"))

    assert [row.action for row in rows_of_it] == ["pause"]
    assert old.url == links["History"]
    assert client.get("/admin/accounts/account/0/history/").status_code == 404

"""The way from Salesforce to the order's page, and ribbons for sandboxes."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.console import markup
from connectors.console.status import ribbons
from connectors.hearing import SalesforceRequest
from tests.factories.accounts import (
    AccountAccessFactory,
    OrganizationFactory,
    UserFactory,
)
from tests.factories.connectors import SalesforceRequestFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db
ORDER = "801Hs0000000001IAA"


def visit(client, salesforce_id, **query):
    return client.get(f"/admin/open/salesforce/{salesforce_id}/", query)


class TestOpenInShipSync:
    @pytest.mark.parametrize("salesforce_id", [ORDER, ORDER[:15]])
    def test_leads_to_the_order_by_either_length_of_its_id(self, client, salesforce_id):
        order = OrderFactory(salesforce_id=ORDER)
        client.force_login(UserFactory(role="viewer"))

        answer = visit(client, salesforce_id)

        assert answer.status_code == 302
        assert answer["Location"] == reverse(
            "admin:orders_order_change", args=[order.pk]
        )

    @pytest.mark.parametrize("length", [15, 18])
    def test_a_copied_sandbox_opens_its_own_order_and_production_its_own(
        self, admin_client, length
    ):
        ids = {"00DHs0000000001MAA": False, "00DHs0000000002MAA": True}
        orders = {
            org_id: OrderFactory(
                salesforce_id=ORDER,
                organization=OrganizationFactory(org_id=org_id, is_sandbox=is_sandbox),
            )
            for org_id, is_sandbox in ids.items()
        }

        for org_id, order in orders.items():
            answer = visit(admin_client, ORDER, org=org_id[:length])
            assert f"/order/{order.pk}/" in answer["Location"]
        production = next(iter(orders.values()))
        assert f"/order/{production.pk}/" in visit(admin_client, ORDER)["Location"]
        assert visit(admin_client, ORDER, org="x").status_code == 404

    @pytest.mark.parametrize("salesforce_id", ["nonsense", "801Hs0000000009IAA"])
    def test_what_is_not_here_is_not_found(self, client, salesforce_id):
        client.force_login(UserFactory(role="viewer"))

        assert visit(client, salesforce_id).status_code == 404

    def test_another_accounts_order_is_not_there(self, client):
        OrderFactory(salesforce_id=ORDER)
        user = UserFactory(role="viewer")
        AccountAccessFactory(user=user)
        client.force_login(user)

        assert visit(client, ORDER).status_code == 404

    def test_strangers_sign_in_first(self, client):
        assert "login" in visit(client, ORDER)["Location"]


class TestRibbons:
    def test_a_sandbox_wears_one_and_production_none(self, admin_user):
        OrganizationFactory(name="Acme")
        OrganizationFactory(name="Acme UAT", is_sandbox=True, told_sandbox=True)

        assert [(one.words, one.is_wrong) for one in ribbons(admin_user)] == [
            ("Acme UAT: sandbox", False)
        ]

    @pytest.mark.parametrize(
        ("entered", "told", "words"),
        [
            (False, True, "Acme is a sandbox, entered as production"),
            (True, False, "Acme is production, entered as a sandbox"),
        ],
    )
    def test_a_contradiction_is_red_on_every_page(
        self, admin_client, entered, told, words
    ):
        OrganizationFactory(name="Acme", is_sandbox=entered, told_sandbox=told)

        page = admin_client.get("/admin/").content.decode()

        assert words in page
        assert "ribbon-wrong" in page


class TestRequests:
    def test_a_list_tells_what_a_check_found(self, admin_client):
        SalesforceRequestFactory(
            state="done",
            answer="One problem stops this order:\n- The address has no city.",
        )

        page = admin_client.get("/admin/connectors/salesforcerequest/")

        assert b"order: - The address has no city." in page.content

    def test_its_page_leads_to_what_the_codes_mean(self, admin_client):
        row = SalesforceRequestFactory(codes=["address.city_missing"])

        page = admin_client.get(f"/admin/connectors/salesforcerequest/{row.pk}/change/")

        assert markup.link_to_code("address.city_missing") in page.content.decode()

    def test_an_answer_that_is_undone_each_time_is_said_on_the_home_page(
        self, admin_client
    ):
        words = "Requests whose answer does not stay in Salesforce"
        row = SalesforceRequestFactory(state="done", answers=5, is_told=True)
        assert words not in admin_client.get("/admin/").content.decode()

        SalesforceRequest.objects.filter(pk=row.pk).update(is_told=False)

        assert words in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("told", "words"),
    [(None, "Not whether"), (True, "It is a sandbox"), (False, "entered otherwise")],
)
def test_an_organizations_page_tells_what_salesforce_said(admin_client, told, words):
    row = OrganizationFactory(
        is_sandbox=True, told_sandbox=told, checked_at=now(), integration_user_id="005x"
    )

    for page in ("", f"{row.pk}/change/"):
        told_there = admin_client.get(f"/admin/accounts/organization/{page}")
        assert words in told_there.content.decode()
        assert "polling finds what changes" in told_there.content.decode()

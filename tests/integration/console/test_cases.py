"""Failures by cause: grouped, fixed once, retried canary first, closed with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.casework import BulkRetry, BulkRetryItem, Cause, Result, Stage
from connectors.config_versions import ConfigKind
from connectors.models import FailedPayload, JobState, SyncJob
from connectors.sync import bulk_retries, config
from connectors.sync.actions import ActionRefusedError
from orders.map_files import safe_cell
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db
DRONE = {
    "code": "method.unmapped",
    "reason": "The shipping method “Drone” is not mapped.",
    "error_kind": "mapping",
    "category": "method",
    "owner": "ops",
    "fingerprint": "drone",
    "problems": [{"code": "method.unmapped", "value": "Drone"}],
}


def failing(count, account=None, **values):
    """Parked pushes of one cause, each of an order of its own."""
    account = account or accounts.AccountFactory()
    cause = CauseOf(account, **{**DRONE, **values})
    made = []
    for _ in range(count):
        order = order_rows.OrderFactory(
            account=account, organization=account.organization, value=10
        )
        job = rows.SyncJobFactory(
            kind="push_order",
            subject=str(order.pk),
            key=f"push_order:a{account.pk}:{order.pk}",
            order=order,
            account=account,
            state=JobState.PARKED,
        )
        made.append(rows.FailedPayloadFactory(job=job, **{**DRONE, **values}))
    return cause, made


def CauseOf(account, **values):
    known = Cause.objects.filter(fingerprint=values["fingerprint"]).first()
    return known or Cause.objects.create(
        fingerprint=values["fingerprint"],
        account=account,
        code=values["code"],
        title=values["reason"],
        error_kind=values["error_kind"],
        category=values["category"],
        owner=values["owner"],
        first_seen_at=now() - timedelta(hours=2),
        last_seen_at=now(),
    )


def at(cause):
    return reverse("admin:cause", args=[cause.pk])


def still_open():
    return FailedPayload.objects.filter(closed_at=None).count()


class TestGroups:
    def test_one_cause_is_one_row_with_orders_and_value(self, sign_in):
        failing(3)
        failing(1, fingerprint="zip", reason="No postal code.", owner="sales")

        groups = sign_in("viewer").get(reverse("admin:failures")).context["groups"]

        assert [(one.rows, one.orders, one.value) for one in groups] == [
            (3, 3, "30"),
            (1, 1, "10"),
        ]

    def test_the_address_keeps_the_choice(self, sign_in):
        failing(2)
        failing(1, fingerprint="zip", reason="No postal code.", owner="sales")

        page = sign_in("viewer").get(reverse("admin:failures"), {"owner": "sales"})

        assert [one.rows for one in page.context["groups"]] == [1]

    def test_amounts_of_several_currencies_are_not_summed(self, sign_in):
        _cause, made = failing(2)
        order = made[0].order
        order.currency = "EUR"
        order.save()

        groups = sign_in("viewer").get(reverse("admin:failures")).context["groups"]

        assert [one.value for one in groups] == ["several currencies"]

    def test_a_choice_of_account_holds_for_retry_and_export(self, sign_in):
        account = accounts.AccountFactory(name="Acme")
        failing(2, account)
        failing(1, fingerprint="zip", reason="No postal code.", owner="sales")
        client = sign_in("operator")

        page = client.get(reverse("admin:failures"), {"account": account.pk})
        preview = client.get(page.context["retry_address"])
        lines = client.get(page.context["export_address"]).getvalue().splitlines()

        assert page.context["count"] == 2
        assert preview.context["preview"].count == 2
        assert preview.context["words"] == "All open failures of Acme"
        assert len(lines) == 3
        client.post(reverse("admin:retry_preview"), preview.context["given"])
        assert BulkRetry.objects.get().total == 2

    def test_the_closed_are_counted(self, sign_in):
        _cause, made = failing(2)
        made[0].closed_at = now()
        made[0].save()

        tabs = sign_in("viewer").get(reverse("admin:failures")).context["tabs"]

        assert [(tab.words, tab.count) for tab in tabs][:3] == [
            ("Open", 1),
            ("Mine", 0),
            ("Closed", 1),
        ]

    def test_what_is_assigned_to_me_stands_under_mine(self, sign_in):
        cause, _ = failing(2)
        client = sign_in("operator")
        me = client.get(reverse("admin:index")).context["user"]

        client.post(at(cause), {"do": "assign", "to": me.pk})
        page = client.get(reverse("admin:failures"), {"show": "mine"})

        assert [one.is_mine for one in page.context["groups"]] == [True]

    def test_another_accounts_cause_is_not_there(self, client):
        cause, _ = failing(1)
        access = accounts.AccountAccessFactory(
            user=accounts.UserFactory(role="operator")
        )
        client.force_login(access.user)

        assert client.get(at(cause)).status_code == 404
        assert client.get(reverse("admin:failures")).context["groups"] == []


class TestFix:
    def test_mapping_the_value_releases_all_that_it_stopped(self, sign_in):
        cause, made = failing(3)
        data = {"do": "fix", "carrier": "ups", "method": "ground"}

        page = sign_in("integrator").post(at(cause), data, follow=True)

        assert "3 orders go on by themselves now." in page.text
        assert still_open() == 0
        found = config.shipping_methods(made[0].account).find("Drone")
        assert (found.carrier, found.method) == ("ups", "ground")
        assert set(SyncJob.objects.values_list("state", flat=True)) == {"waiting"}

    def test_a_map_with_rows_keeps_them(self, sign_in):
        account = accounts.AccountFactory()
        config.save(
            kind=ConfigKind.SHIPPING_METHODS,
            document={"Ground": {"carrier": "ups", "method": "ground"}},
            user=None,
            now=now(),
            account=account,
        )
        cause, _ = failing(1, account)
        data = {"do": "fix", "carrier": "", "method": "drone"}

        sign_in("integrator").post(at(cause), data)

        assert config.shipping_methods(account).names == ("Ground", "Drone")

    def test_what_the_map_has_already_and_what_looks_alike_is_offered(self, sign_in):
        account = accounts.AccountFactory()
        config.save(
            kind=ConfigKind.SHIPPING_METHODS,
            document={"Ground": {"carrier": "ups", "method": "ground"}},
            user=None,
            now=now(),
            account=account,
        )
        stock.ProductFactory(account=account, sku="MUG-RED")
        method, _ = failing(1, account)
        sku, _ = failing(
            1,
            account,
            code="sku.unmapped",
            fingerprint="sku",
            category="sku",
            problems=[{"code": "sku.unmapped", "value": "MUG-RD"}],
        )
        client = sign_in("integrator")

        def offered(cause):
            asked = client.get(at(cause)).context["fix"].asked
            return {one.name: one.choices for one in asked}

        assert offered(method) == {"carrier": ["ups"], "method": ["ground"]}
        assert offered(sku) == {"to": ["MUG-RED"]}
        assert sign_in("operator").get(at(sku)).context["fix"].asked == []

    def test_an_unknown_sku_gets_an_alias(self, sign_in):
        cause, made = failing(
            2,
            code="sku.unmapped",
            fingerprint="sku",
            reason="The SKU “TEE” is not known.",
            problems=[{"code": "sku.unmapped", "value": "TEE"}],
        )

        sign_in("integrator").post(at(cause), {"do": "fix", "to": "TEE-1"})

        assert still_open() == 0
        assert config.sku_aliases(made[0].account).find("TEE") is not None

    def test_an_empty_value_is_refused_in_words(self, sign_in):
        cause, _ = failing(1)

        page = sign_in("integrator").post(at(cause), {"do": "fix"}, follow=True)

        assert "Fill in: Method." in page.text
        assert still_open() == 1

    @pytest.mark.parametrize("role", ["viewer", "operator", "auditor"])
    def test_others_are_refused(self, sign_in, role):
        cause, _ = failing(1)
        data = {"do": "fix", "carrier": "ups", "method": "ground"}

        assert sign_in(role).post(at(cause), data).status_code == 403
        assert still_open() == 1


class TestRetryAndClose:
    def test_one_row_is_retried_at_once(self, sign_in):
        cause, made = failing(2)

        sign_in("operator").post(at(cause), {"one": made[0].pk})

        assert still_open() == 1

    def test_all_of_many_are_shown_first(self, sign_in):
        cause, _ = failing(21)

        answer = sign_in("operator").post(at(cause), {"do": "retry", "all": "1"})

        assert answer.url == f"{reverse('admin:retry_preview')}?cause={cause.pk}"
        assert still_open() == 21

    @pytest.mark.parametrize("how", ["dismiss", "resolve"])
    def test_closing_asks_for_a_reason(self, sign_in, how):
        cause, made = failing(2)
        client = sign_in("operator")
        data = {"do": how, "pk": [made[0].pk]}

        assert "Say why." in client.post(at(cause), data, follow=True).text
        client.post(at(cause), {**data, "why": "Sold in the shop"})

        closed = FailedPayload.objects.exclude(closed_at=None).get()
        assert closed.closing_note == "Sold in the shop"
        assert closed.closed_how in {"dismissed", "by_hand"}
        assert still_open() == 1

    @pytest.mark.parametrize("do", ["retry", "dismiss", "resolve", "assign", "fix"])
    def test_a_viewer_can_do_nothing(self, sign_in, do):
        cause, made = failing(1)
        data = {"do": do, "pk": [made[0].pk], "why": "x", "method": "x"}

        assert sign_in("viewer").post(at(cause), data).status_code == 403
        assert still_open() == 1


class TestManyAtOnce:
    @pytest.fixture
    def person(self):
        return accounts.UserFactory(role="operator")

    def begin(self, person, count=8):
        cause, made = failing(count)
        retry = bulk_retries.start(
            failures=FailedPayload.objects.all(),
            words=cause.title,
            cause=cause,
            user=person,
            now=now(),
        )
        return retry, made

    def tried(self):
        items = BulkRetryItem.objects.filter(result=Result.TRIED)
        return list(items.select_related("failure__job"))

    def end(self, *, same):
        """Let the jobs that are being tried end: parked for the same reason, or done."""
        for item in self.tried():
            job = item.failure.job
            state = JobState.PARKED if same else JobState.DONE
            SyncJob.objects.filter(pk=job.pk).update(state=state)
            if same:
                rows.FailedPayloadFactory(
                    job=job, **DRONE, opened_at=now() + timedelta(seconds=1)
                )

    def test_one_goes_first_then_five_then_the_rest(self, person):
        retry, _made = self.begin(person)
        sizes = []
        for _ in range(4):
            bulk_retries._advance(retry, now=now())
            sizes.append(len(self.tried()))
            self.end(same=False)
        bulk_retries._advance(retry, now=now())

        retry.refresh_from_db()
        assert sizes[:3] == [1, 5, 2]
        assert retry.stage == Stage.DONE
        assert retry.ended_why == "8 solved, 0 parked again."

    def test_it_stops_at_the_first_repeat_and_touches_nothing_else(self, person):
        retry, _made = self.begin(person)
        bulk_retries._advance(retry, now=now())
        self.end(same=True)

        bulk_retries._advance(retry, now=now() + timedelta(seconds=2))

        retry.refresh_from_db()
        assert retry.stage == Stage.STOPPED
        assert retry.items.filter(result=Result.WAITING).count() == 7
        assert still_open() == 8

    def test_while_the_first_is_on_its_way_nothing_else_is_tried(self, person):
        retry, _made = self.begin(person)
        for _ in range(3):
            assert not bulk_retries._advance(retry, now=now())

        assert len(self.tried()) == 1

    def test_a_person_stops_it(self, person, sign_in):
        retry, _made = self.begin(person)
        bulk_retries._advance(retry, now=now())

        sign_in("operator").post(reverse("admin:bulk_retry", args=[retry.pk]))

        retry.refresh_from_db()
        assert retry.stage == Stage.STOPPED
        with pytest.raises(ActionRefusedError):
            bulk_retries.stop(retry=retry, user=person, now=now())

    def test_nothing_open_is_nothing_to_start(self, person):
        with pytest.raises(ActionRefusedError):
            bulk_retries.start(
                failures=FailedPayload.objects.none(),
                words="",
                cause=None,
                user=person,
                now=now(),
            )

    def test_the_preview_tells_what_will_happen(self, sign_in):
        cause, _ = failing(3)

        page = sign_in("operator").get(
            reverse("admin:retry_preview"), {"cause": cause.pk}
        )

        preview = page.context["preview"]
        assert preview.count == 3
        assert sum(count for _words, count in preview.forecasts) == 3

    def test_a_start_leads_to_its_progress(self, sign_in):
        cause, _ = failing(3)
        client = sign_in("operator")

        page = client.post(
            reverse("admin:retry_preview"), {"cause": cause.pk}, follow=True
        )

        assert BulkRetry.objects.get().total == 3
        assert "0 of 3" in page.text

    def test_a_viewer_cannot_start_one(self, sign_in):
        cause, _ = failing(1)

        answer = sign_in("viewer").post(
            reverse("admin:retry_preview"), {"cause": cause.pk}
        )

        assert answer.status_code == 403
        assert not BulkRetry.objects.exists()


class TestExport:
    def test_no_cell_is_a_formula(self, sign_in):
        cause, made = failing(1, reason='=HYPERLINK("https://evil.test")')
        order = made[0].order
        type(order).objects.filter(pk=order.pk).update(order_number="@SUM(A1)")

        answer = sign_in("viewer").get(
            reverse("admin:failures_csv"), {"cause": cause.pk}
        )

        lines = answer.getvalue().decode().splitlines()
        assert len(lines) == 2
        assert lines[1].startswith("'@SUM(A1),\"'=HYPERLINK")

    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
    def test_what_begins_like_a_formula_becomes_text(self, text):
        assert safe_cell(text) == f"'{text}"

    def test_other_cells_stay(self):
        assert safe_cell("A-1") == "A-1"
        assert safe_cell(None) == ""
        assert safe_cell(0) == "0"

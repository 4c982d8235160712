"""The pages of maps and routing rules: by role, from paste to save, and on the order."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Audit
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console import map_pages
from connectors.sync import config, grounds, map_actions
from inventory.models import Availability, Warehouse
from orders.pictures import to_picture
from orders.records import LineRecord, OrderRecord, OrderStage
from tests.factories.accounts import AccountAccessFactory, AccountFactory, UserFactory
from tests.factories.connectors import FailedPayloadFactory
from tests.factories.inventory import ProductFactory
from tests.factories.orders import ADDRESS, LineItemFactory, OrderFactory

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
MAY = {"integrator"}


@pytest.fixture
def account() -> Any:
    made: Any = AccountFactory(export_from=now())
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=made,
        document={"Ground": {"carrier": "ups", "method": "ground"}},
        user=None,
        now=now(),
    )
    return made


@pytest.fixture
def order(account: Any) -> Any:
    made: Any = OrderFactory(account=account, organization=account.organization)
    line: Any = LineItemFactory(order=made, sku="OLD-1")
    record = OrderRecord(
        salesforce_id=made.salesforce_id,
        order_number=made.order_number,
        stage=OrderStage.ACTIVATED,
        status="Activated",
        modified_at=made.source_modified_at,
        ship_to=ADDRESS,
        shipping_method="Ground",
        lines=(LineRecord(line.salesforce_id, "1", "OLD-1", line.quantity),),
    )
    made.picture = to_picture(record)
    made.save(update_fields=["picture"])
    return made


def aliases(account: Any) -> str:
    return reverse("admin:map", args=[account.pk, "sku_aliases"])


def rules_page(account: Any) -> str:
    return reverse("admin:routing", args=[account.pk])


def places(account: Any, **stock: int) -> None:
    for name, units in stock.items():
        row = Warehouse.objects.create(
            account=account, remote_id=name, name=name.title()
        )
        Availability.objects.create(
            account=account,
            warehouse=row,
            sku="OLD-1",
            quantity=units,
            stock_read_at=now(),
            computed_at=now(),
        )


RULES = {"rules": [{"name": "All", "warehouses": ["nv", "nj"]}]}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_the_maps_and_only_integrators_save_them(
    sign_in: Any, account: Any, role: str
) -> None:
    client = sign_in(role)
    for address in (reverse("admin:maps"), reverse("admin:unmapped"), aliases(account)):
        assert client.get(address).status_code == 200
    answer = client.post(
        aliases(account), {"step": "save", "base": "0", "text": "OLD-1,NEW-1"}
    )
    saved = ConfigVersion.objects.filter(kind=ConfigKind.SKU_ALIASES).exists()
    assert (answer.status_code, saved) == ((302, True) if role in MAY else (403, False))
    if saved:
        assert Audit.objects.filter(action="change_config").count() == 2


def test_a_paste_shows_its_faults_and_what_saving_does_before_it_is_saved(
    sign_in: Any, account: Any, order: Any
) -> None:
    client = sign_in("integrator")
    text = "OLD-1,NEW-1\nBAD,"
    shown = client.post(aliases(account), {"step": "preview", "text": text})
    page = shown.content.decode()
    assert "1 new, 0 changed" in page
    assert "“BAD” is mapped to nothing" in page
    assert "changes 1" in page
    assert not ConfigVersion.objects.filter(kind=ConfigKind.SKU_ALIASES).exists()

    client.post(aliases(account), {"step": "save", "base": "0", "text": text})
    assert config.sku_aliases(account).row_for("old-1") is not None


def test_an_alias_to_what_shiphero_does_not_sell_is_said_before_it_is_saved(
    sign_in: Any, account: Any
) -> None:
    client = sign_in("integrator")
    preview = {"step": "preview", "text": "OLD-1,NEW-1\nOLD-2,TYPPO\nOLD-3,HEARD-OF"}
    words = "Not in ShipHero's catalogue"
    ProductFactory(account=account, sku="HEARD-OF", read_at=None)
    assert words not in html.unescape(
        client.post(aliases(account), preview).content.decode()
    )
    ProductFactory(account=account, sku="NEW-1")
    page = html.unescape(client.post(aliases(account), preview).content.decode())
    told = page.split(words)[1].split("</p>")[0]
    assert re.findall("<code>(.*?)</code>", told) == ["HEARD-OF", "TYPPO"]


def test_an_upload_replaces_the_map_and_a_strange_file_says_what_to_do(
    sign_in: Any, account: Any
) -> None:
    client = sign_in("integrator")
    client.post(aliases(account), {"step": "save", "base": "0", "text": "A,B"})
    file = SimpleUploadedFile("map.csv", "from;to\nC;D\n".encode("utf-8-sig"))
    shown = client.post(
        aliases(account), {"step": "preview", "file": file, "replaces": "1"}
    )
    assert "1 new, 0 changed, 1 removed" in shown.content.decode()
    strange = SimpleUploadedFile("map.csv", "Ä,B".encode("cp1252"))
    shown = client.post(aliases(account), {"step": "preview", "file": strange})
    assert "CSV UTF-8" in shown.content.decode()


def test_a_map_that_somebody_saved_meanwhile_is_not_overwritten(
    sign_in: Any, account: Any
) -> None:
    client = sign_in("integrator")
    client.post(aliases(account), {"step": "save", "base": "0", "text": "A,B"})
    shown = client.post(aliases(account), {"step": "save", "base": "0", "text": "C,D"})
    assert "saved this map meanwhile" in shown.content.decode()
    assert ConfigVersion.objects.filter(kind=ConfigKind.SKU_ALIASES).count() == 1


def test_a_map_is_given_out_as_a_table(sign_in: Any, account: Any) -> None:
    client = sign_in("integrator")
    client.post(aliases(account), {"step": "save", "base": "0", "text": "A,B"})
    answer = sign_in("viewer").post(aliases(account), {"step": "csv"})
    assert answer.content.decode().splitlines() == ["from,to,note", "A,B,"]


def test_what_is_unmapped_stands_by_the_orders_it_blocks_with_close_matches(
    sign_in: Any, account: Any
) -> None:
    config.save(
        kind=ConfigKind.SKU_ALIASES,
        account=account,
        document={"policy": "block", "rows": [{"from": "x", "to": "MUG-RED-11"}]},
        user=None,
        now=now(),
    )
    for value in ("TEE", "mug red 11", "mug red 11"):
        FailedPayloadFactory(
            account=account,
            order=OrderFactory(account=account),
            error_kind="mapping",
            code="sku.unmapped",
            problems=[
                {"code": "sku.unmapped", "value": value, "reason": "", "field": ""}
            ],
        )
    page = sign_in("integrator").get(reverse("admin:unmapped")).content.decode()
    assert page.index("mug red 11") < page.index("TEE")
    assert "MUG-RED-11" in page


def test_another_accounts_maps_and_rules_do_not_exist(
    account: Any, client: Any
) -> None:
    user: Any = UserFactory(role="integrator")
    AccountAccessFactory(user=user, account=AccountFactory())
    client.force_login(user)
    assert client.get(aliases(account)).status_code == 404
    assert client.get(rules_page(account)).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_rules_are_tried_by_all_and_saved_by_integrators(
    sign_in: Any, account: Any, order: Any, role: str
) -> None:
    places(account, nv=0, nj=9)
    client = sign_in(role)
    text = json.dumps(RULES)
    tried = client.post(
        rules_page(account), {"step": "try", "text": text, "order": order.order_number}
    ).content.decode()
    assert "This draft: Nj" in tried
    assert "lacks 2 of OLD-1 (has 0 of 2)" in tried
    replayed = client.post(
        rules_page(account), {"step": "replay", "text": text, "days": "7"}
    ).content.decode()
    assert "1 of 1 orders would go elsewhere" in replayed
    assert not ConfigVersion.objects.filter(kind=ConfigKind.ROUTING).exists()
    answer = client.post(
        rules_page(account), {"step": "save", "text": text, "base": "0"}
    )
    saved = ConfigVersion.objects.filter(kind=ConfigKind.ROUTING).exists()
    assert (answer.status_code, saved) == ((302, True) if role in MAY else (403, False))


def test_rules_move_up_and_what_is_never_reached_is_told(
    sign_in: Any, account: Any
) -> None:
    places(account, nv=1)
    rules = [
        {"name": "First", "warehouses": ["nv"], "otherwise": "wait"},
        {"name": "Second", "warehouses": ["nv"]},
    ]
    text = json.dumps({"rules": rules})
    client = sign_in("integrator")
    page = client.post(rules_page(account), {"step": "check", "text": text})
    assert "It is never reached: “First” decides" in page.content.decode()
    moved = client.post(rules_page(account), {"step": "up:1", "text": text})
    assert "never reached" not in moved.content.decode()
    broken = client.post(rules_page(account), {"step": "check", "text": "{"})
    assert "This is not JSON" in broken.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_an_orders_warehouse_is_chosen_by_operators_with_a_reason(
    sign_in: Any, button: Any, page_of: Any, account: Any, order: Any, role: str
) -> None:
    places(account, nv=1, nj=1)
    client = sign_in(role)
    answer = client.post(
        button(order, "ship-from"),
        {"warehouse": "Nv", "why": "Picked up there.", "until": "2099-01-01"},
    )
    chosen = grounds.live_override(order, now=now())
    may = role in {"operator", "lead", "integrator"}
    assert answer.status_code == (302 if may else 403)
    assert bool(chosen) is may
    if may:
        assert "Picked up there." in client.get(page_of(order)).content.decode()
        client.post(button(order, "ship-by-rule"))
        assert grounds.live_override(order, now=now()) is None
        actions = set(Audit.objects.values_list("action", flat=True))
        assert {"override_warehouse", "end_override"} <= actions


@pytest.mark.parametrize("kind", list(map_actions.KINDS))
def test_a_map_says_what_it_leads_from_and_to(
    kind: str, sign_in: Any, account: Any
) -> None:
    address = reverse("admin:map", args=[account.pk, kind])
    page = sign_in("integrator").get(address).text

    assert html.escape(map_pages.MEANINGS[kind]) in page

"""One ShipHero account behind two logins: told apart by prefix, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.accounts.models import Account
from connectors.sync import account_actions, twins
from connectors.sync.actions import ActionRefusedError
from tests.conftest import Clock
from tests.factories.accounts import AccountFactory, UserFactory
from tests.factories.inventory import WarehouseFactory

pytestmark = pytest.mark.django_db


def account(**values: Any) -> Account:
    made = AccountFactory.create(**{"key_prefix": "ACM", "paused": False, **values})
    WarehouseFactory(account=made, remote_id="V2FyZWhvdXNlOjE=")
    return made


def test_the_younger_of_two_with_one_prefix_is_paused_and_cannot_be_resumed(
    clock: Clock,
) -> None:
    older, younger = account(name="Production"), account(name="Full sandbox")

    assert twins.look(older, now=clock())

    older.refresh_from_db()
    younger.refresh_from_db()
    assert (older.paused, younger.paused) == (False, True)
    assert "“Production” reaches the same ShipHero account" in younger.paused_reason
    with pytest.raises(ActionRefusedError, match="same key prefix ACM"):
        account_actions.resume_account(
            account=younger, user=UserFactory(role="lead"), now=clock()
        )
    younger.refresh_from_db()
    assert younger.paused

    Account.objects.filter(pk=younger.pk).update(key_prefix="SBX")
    younger.refresh_from_db()
    account_actions.resume_account(
        account=younger, user=UserFactory(role="lead"), now=clock()
    )
    younger.refresh_from_db()
    assert not younger.paused


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"key_prefix": "SBX"}, id="another prefix"),
        pytest.param({"customer_account_id": "QWNjb3VudDo5"}, id="another customer"),
    ],
)
def test_what_can_be_told_apart_is_let_be(clock: Clock, values: dict[str, str]) -> None:
    account(name="Production")
    other = account(name="Other", **values)

    assert not twins.look(other, now=clock())

    other.refresh_from_db()
    assert not other.paused

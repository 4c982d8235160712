"""Tokens: given, refreshed, run out, revoked."""

from __future__ import annotations

import pytest

from connectors.sandbox.shiphero.world import (
    PASSWORD,
    REFRESH_TOKEN,
    USERNAME,
    ShipHeroWorld,
)
from tests.unit.connectors.sandbox.shiphero.conftest import Remote

QUOTA = "{ user_quota { max_available } }"


def test_a_right_login_gives_both_tokens(remote: Remote) -> None:
    login = {"username": USERNAME, "password": PASSWORD}
    body = remote.post("/auth/token/", login).json()
    assert body["refresh_token"] == REFRESH_TOKEN
    assert body["token_type"] == "Bearer"
    remote.token = body["access_token"]
    assert remote.raw(QUOTA).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/token", {"username": USERNAME, "password": "wrong"}),
        ("/auth/token", {}),
        ("/auth/refresh", {"refresh_token": "wrong"}),
        ("/auth/refresh", {"refresh_token": None}),
    ],
)
def test_a_wrong_login_is_refused_and_noted(
    remote: Remote, path: str, body: dict[str, str]
) -> None:
    assert remote.post(path, body).status_code == 401
    assert remote.world.ledger()[-1].outcome == "refused"


def test_a_call_without_a_living_token_is_401(remote: Remote) -> None:
    remote.token = "made-up"
    assert remote.raw(QUOTA).status_code == 401
    remote.token = ""
    assert remote.raw(QUOTA).status_code == 401


def test_tokens_run_out(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"token_lifetime": 60.0})
    remote.log_in()
    remote.wait(59)
    assert remote.raw(QUOTA).status_code == 200
    remote.wait(2)
    assert remote.raw(QUOTA).status_code == 401


def test_revoking_ends_access_and_refresh(remote: Remote, world: ShipHeroWorld) -> None:
    with world.turn():
        world.tokens.revoke()
    assert remote.raw(QUOTA).status_code == 401
    refused = remote.post("/auth/refresh", {"refresh_token": REFRESH_TOKEN})
    assert refused.status_code == 401
    login = {"username": USERNAME, "password": PASSWORD}
    body = remote.post("/auth/token", login).json()
    assert body["refresh_token"] != REFRESH_TOKEN
    again = remote.post("/auth/refresh", {"refresh_token": body["refresh_token"]})
    assert again.status_code == 200


def test_refreshes_are_counted_in_the_ledger(
    remote: Remote, world: ShipHeroWorld
) -> None:
    remote.log_in()
    entries = world.ledger(call="shiphero.auth_refresh")
    assert [entry.outcome for entry in entries] == ["applied", "applied"]


def test_the_refusal_has_the_form_of_the_switch(
    remote: Remote, world: ShipHeroWorld
) -> None:
    remote.token = "made-up"
    assert remote.raw(QUOTA).json()
    world.set_switches({"auth_failure_body": "empty"})
    assert remote.raw(QUOTA).content == b""
    world.set_switches({"auth_failure_body": "html"})
    assert b"<html>" in remote.raw(QUOTA).content


def test_another_account_has_another_number() -> None:
    world = ShipHeroWorld(account_number=63898)
    assert world.account["legacy_id"] == 63898
    world.close()

"""`manage.py salesforce_package`: the package with one organization's own values."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command

from connectors.accounts.models import Audit
from connectors.hearing import SalesforceListener
from connectors.salesforce import packaging
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
USER = "integration@acme.example"


@pytest.fixture
def account(settings):
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    return AccountFactory(name="Acme & Sons")


def fill(tmp_path, **options):
    out = tmp_path / "package"
    call_command(
        "salesforce_package",
        **{"account": "Acme & Sons", "out": out, "integration_user": USER, **options},
    )
    return out


def test_every_value_is_filled_in(account, tmp_path):
    out = fill(tmp_path)

    listener = SalesforceListener.objects.get(organization=account.organization)
    workflow = next(out.rglob("Order.workflow-meta.xml")).read_text()
    assert (
        f"<endpointUrl>https://shipsync.example/webhooks/salesforce/{listener.token}/<"
        in workflow
    )
    assert f"<integrationUser>{USER}</integrationUser>" in workflow
    assert (
        "https://shipsync.example/admin/open/salesforce/{!Order.Id}/"
        in next(out.rglob("ShipSync_Open.webLink-meta.xml")).read_text()
    )
    texts = [path.read_text() for path in out.rglob("*.xml")]
    assert not [text for text in texts if packaging.PLACEHOLDER.search(text)]
    assert Audit.objects.filter(action="fill_package").exists()


def test_nothing_else_differs_and_manifests_still_fit(account, tmp_path):
    out = fill(tmp_path)

    assert packaging.members(out) == packaging.members()
    for path in (out / "manifest").iterdir():
        assert (
            path.read_text() == (packaging.PACKAGE / "manifest" / path.name).read_text()
        )
    assert (out / "README.md").exists()


def test_the_user_is_remembered_and_the_address_stays(account, tmp_path):
    first = fill(tmp_path / "one")
    second = fill(tmp_path / "two", integration_user="", account=str(account.pk))

    one, two = (
        next(out.rglob("Order.workflow-meta.xml")).read_text()
        for out in (first, second)
    )
    assert one == two


def test_values_are_escaped(account, tmp_path):
    out = fill(tmp_path, integration_user="a&b@acme.example")

    assert (
        "a&amp;b@acme.example" in next(out.rglob("Order.workflow-meta.xml")).read_text()
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"account": "Nobody"}, "There are: Acme & Sons"),
        ({"integration_user": ""}, "--integration-user"),
        ({"integration_user": "bob"}, "look like an e-mail address"),
        ({"integration_user": "bob@here"}, "look like an e-mail address"),
    ],
)
def test_what_is_missing_is_said(account, tmp_path, options, words):
    with pytest.raises(CommandError, match=re.escape(words)):
        fill(tmp_path, **options)


def test_without_a_public_address_it_refuses(account, tmp_path, settings):
    settings.SHIPSYNC_BASE_URL = ""

    with pytest.raises(CommandError, match="SHIPSYNC_BASE_URL"):
        fill(tmp_path)


def test_a_folder_in_use_is_left_alone(account, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "mine.txt").write_text("mine")

    with pytest.raises(CommandError, match="not empty"):
        fill(tmp_path)

    assert (tmp_path / "package" / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("out", "words"),
    [("here.txt", "is a file"), ("here.txt/below", "cannot be written")],
)
def test_what_is_no_folder_is_said_and_left_alone(account, tmp_path, out, words):
    (tmp_path / "here.txt").write_text("mine")

    with pytest.raises(CommandError, match=words):
        fill(tmp_path, out=tmp_path / out)

    assert [path.name for path in tmp_path.iterdir()] == ["here.txt"]
    assert (tmp_path / "here.txt").read_text() == "mine"


def test_an_empty_folder_is_filled_and_only_its_owner_may_look(account, tmp_path):
    (tmp_path / "package").mkdir()

    out = fill(tmp_path)

    assert (out / "sfdx-project.json").exists()
    assert out.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


def test_a_name_that_could_not_be_used_is_not_remembered(account, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "mine.txt").write_text("mine")

    with pytest.raises(CommandError):
        fill(tmp_path, integration_user="typo@acme.example")

    account.organization.refresh_from_db()
    assert account.organization.integration_username == ""


def test_an_address_that_salesforce_will_not_send_to_is_said(
    account, tmp_path, settings, capsys
):
    fill(tmp_path / "one")
    assert capsys.readouterr().err == ""

    settings.SHIPSYNC_BASE_URL = "http://127.0.0.1:8000"
    fill(tmp_path / "two")
    assert "https only" in capsys.readouterr().err

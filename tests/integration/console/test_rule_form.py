"""A routing rule by form: added, changed, refused in words, and JSON only for experts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from connectors.config_versions import ConfigKind
from connectors.console.rule_form import RuleForm
from connectors.sync import config
from orders.routing_rules import RuleSet
from tests.factories.accounts import AccountFactory
from tests.factories.inventory import WarehouseFactory

RULE = {
    "name": "West",
    "when": {"states": ["CA", "NV"], "skus": ["A,B", "BOOK-*"], "min_units": 2},
    "warehouses": ["w2", "w1"],
    "pick": "soonest",
    "needs_stock": False,
    "needs_date": True,
    "split": 2,
    "otherwise": "wait",
    "is_on": False,
}
SITES = [("w1", "East"), ("w2", "West")]


def posted(form: RuleForm) -> dict[str, Any]:
    """What a browser sends of a form as it was shown."""
    sent = {
        form.add_prefix(name): value
        for name in form.fields
        if (value := form.get_initial_for_field(form.fields[name], name))
        not in (None, False)
    }
    return {name: "on" if value is True else value for name, value in sent.items()}


def parsed(rule: dict[str, Any]) -> dict[str, Any]:
    return RuleSet.from_document({"rules": [rule]}).to_document()


@pytest.mark.parametrize(
    "rule",
    [
        RULE,
        {"name": "Rest", "warehouses": ["w1"]},
        {"name": "Gone", "warehouses": ["w9", "w1"], "when": {"max_days_left": 3}},
    ],
    ids=lambda rule: rule["name"],
)
def test_a_rule_comes_back_from_its_form_as_it_went_in(rule: dict[str, Any]) -> None:
    form = RuleForm(posted(RuleForm(rule=rule, sites=SITES)), rule=rule, sites=SITES)
    assert form.is_valid(), form.errors
    assert parsed(form.document()) == parsed(rule)


@pytest.fixture
def page(db: None) -> Any:
    account: Any = AccountFactory()
    for key, name in SITES:
        WarehouseFactory(account=account, remote_id=key, name=name)
    config.save(
        kind=ConfigKind.ROUTING,
        account=account,
        document=parsed(RULE),
        user=None,
        now=account.created_at,
    )
    return reverse("admin:routing", args=[account.pk])


class TestPage:
    """What is posted is what the page holds: the draft's text and the form."""

    def post(
        self, client: Any, page: str, step: str, document: Any, **form: Any
    ) -> Any:
        text = json.dumps(document)
        return client.post(page, {"step": step, "text": text, "base": "1", **form})

    def test_a_rule_is_added_and_lies_in_the_draft(
        self, sign_in: Any, page: str
    ) -> None:
        client, before = sign_in("integrator"), parsed(RULE)
        shown = self.post(client, page, "edit:0", before)
        assert "A new rule" in shown.content.decode()
        new = {
            "rule-name": "Books",
            "rule-skus": "BOOK-1\nBOOK-2",
            "rule-is_on": "on",
            "rule-place_0": "1",
            "rule-pick": "listed",
            "rule-split": "1",
            "rule-otherwise": "next",
            "rule-needs_stock": "on",
        }
        drafted = self.post(client, page, "put:0", before, **new).context
        assert drafted["is_draft"]
        added = {
            "name": "Books",
            "warehouses": ["w1"],
            "when": {"skus": ["BOOK-1", "BOOK-2"]},
        }
        assert json.loads(drafted["text"])["rules"] == [*before["rules"], added]

    def test_a_rule_is_changed_in_its_place(self, sign_in: Any, page: str) -> None:
        client = sign_in("integrator")
        two = {
            "rules": [*parsed(RULE)["rules"], {"name": "Rest", "warehouses": ["w1"]}]
        }
        shown = self.post(client, page, "edit:1", two).context["rule_form"]
        sent = {**posted(shown), "rule-name": "Far west", "rule-place_1": ""}
        found = json.loads(
            self.post(client, page, "put:1", two, **sent).context["text"]
        )
        changed = [(one["name"], one["warehouses"]) for one in found["rules"]]
        assert changed == [("Far west", ["w1"]), ("Rest", ["w1"])]

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"rule-countries": "Spain"}, "not a two-letter country code"),
            ({"rule-name": "west"}, "There are two rules named"),
            ({"rule-place_0": "", "rule-otherwise": "next"}, "names no warehouse"),
            ({"rule-split": "0"}, "greater than or equal to 1"),
        ],
    )
    def test_what_cannot_be_is_said_and_what_was_typed_stays(
        self, sign_in: Any, page: str, sent: dict[str, str], words: str
    ) -> None:
        good = {
            "rule-name": "Books",
            "rule-brands": "typed",
            "rule-place_0": "1",
            "rule-pick": "listed",
            "rule-split": "1",
            "rule-otherwise": "wait",
        }
        client, before = sign_in("integrator"), parsed(RULE)
        answer = self.post(client, page, "put:0", before, **{**good, **sent})
        body = answer.content.decode()
        assert words in body
        assert "typed" in body
        assert json.loads(answer.context["text"]) == before

    def test_the_rest_and_the_tags_are_a_form_too(
        self, sign_in: Any, page: str
    ) -> None:
        sent = {"rest-rest": "wait", "rest-send": "both", "rest-tag_1": "ship-west"}
        client = sign_in("integrator")
        found = self.post(client, page, "rest", parsed(RULE), **sent).context["text"]
        document = json.loads(found)
        assert (document["rest"], document["send"]) == ("wait", "both")
        assert list(document["tags"].values()) == ["ship-west"]

"""Steps of the page of routing rules that are forms: they change the draft, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from connectors.accounts.models import Account
from connectors.console.rule_form import RestForm, RuleForm
from connectors.sync import grounds
from connectors.sync.actions import ActionRefusedError
from orders.routing_rules import RuleSet


def _sites(owner: Account) -> list[tuple[str, str]]:
    return [(one.key, one.label) for one in grounds.terrain(owner).sites.values()]


def _rule_at(document: dict[str, Any], at: int) -> dict[str, Any]:
    """Rule number `at`, or a new one."""
    rules = document.get("rules", [])
    return dict(rules[at - 1]) if 1 <= at <= len(rules) else {}


def _edit(
    request: HttpRequest, owner: Account, context: dict[str, Any], at: int
) -> None:
    rule = _rule_at(context["document"], at)
    context["rule_form"] = RuleForm(rule=rule, sites=_sites(owner))
    context["rule_form_at"] = at if rule else 0


def _put(
    request: HttpRequest, owner: Account, context: dict[str, Any], at: int
) -> None:
    """Take the form into the draft, or show it once more with what is wrong."""
    document = context["document"]
    rule = _rule_at(document, at)
    form = RuleForm(request.POST, rule=rule, sites=_sites(owner))
    if form.is_valid():
        rules = list(document.get("rules", []))
        place = at - 1 if rule else len(rules)
        changed = [*rules[:place], form.document(), *rules[place + bool(rule) :]]
        try:
            made = RuleSet.from_document({**document, "rules": changed})
        except ValueError as wrong:
            form.add_error(None, str(wrong))
        else:
            context["document"], context["text"] = made.to_document(), ""
            return
    context["rule_form"], context["rule_form_at"] = form, at if rule else 0


def _rest(
    request: HttpRequest, owner: Account, context: dict[str, Any], at: int
) -> None:
    form = RestForm(request.POST, rules=context["document"], sites=_sites(owner))
    if not form.is_valid():
        raise ActionRefusedError("Choose one of what is offered.")
    changed = {**context["document"], **form.document()}
    context["document"] = RuleSet.from_document(changed).to_document()
    context["text"] = ""


STEPS: dict[str, Callable[[HttpRequest, Account, dict[str, Any], int], None]] = {
    "edit": _edit,
    "put": _put,
    "rest": _rest,
}

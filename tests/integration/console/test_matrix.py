"""Who may open what: every address of the site, as every role, read and written.

The addresses come from the URL conf. One that is not listed here fails, so that
nobody adds a page without saying who it is for. What each button may do, and for
whom, is told by `test_buttons`, which lists every one of them likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver

from connectors.accounts.roles import CONFIGURATION
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ROLES = ("viewer", "operator", "lead", "integrator", "auditor")

# Open to the world: each guards itself by signature, secret path, or says nothing.
OPEN = {
    "healthz": (200, 405),
    "home": (302, 302),
    "shiphero_webhook": (405, 404),
    "salesforce_message": (405, 404),
    "salesforce_callout": (405, 404),
    "mute_by_link": (404, 404),
    "admin:login": (302, 302),
    "admin:": (404, 404),
}
# Asked last: it ends the session.
LAST = "admin:logout"
# Pages of the console that belong to no model: what a signed-in role gets by GET, POST.
PAGES = {
    "admin:index": (200, 200),
    "admin:logout": (405, 200),
    "admin:password_change": (200, 200),
    "admin:password_change_done": (200, 405),
    "admin:jsi18n": (200, 405),
    "admin:autocomplete": (403, 405),
    "admin:view_on_site": (404, 404),
    "admin:app_list": (404, 404),
    "admin:errors": (200, 405),
    "admin:config": (200, 405),
    "admin:config_history": (404, {403, 404}),
    "admin:config_export": (404, 405),
    "admin:config_import": (404, {403, 404}),
    "admin:connection": (404, {403, 404}),
    "admin:schedules": (200, {403, 302, 405}),
    "admin:find": (200, 200),
    "admin:open_from_salesforce": ({302, 404}, 405),
    "admin:map": (404, {403, 404}),
    "admin:maps": (200, 405),
    "admin:unmapped": (200, {200, 302, 403, 405}),
    "admin:routing": (404, {403, 404, 405}),
    "admin:checks": (404, {403, 404, 405}),
    "admin:checks_index": (200, {302, 403, 405}),
    "admin:routing_index": (200, {302, 403, 405}),
    "admin:source_mapping": ({200, 302, 404}, {200, 302, 403, 404, 405}),
    "admin:source_mappings": ({200, 302, 404}, {302, 403, 404, 405}),
    "admin:writeback_fields": ({200, 302, 404}, {200, 302, 403, 404, 405}),
    "admin:writeback_names": ({200, 302, 404}, {302, 403, 404, 405}),
    "admin:mail": (200, {200, 302}),
    "admin:failures": (200, 405),
    "admin:failures_csv": (200, 405),
    "admin:cause": (404, 404),
    "admin:retry_preview": (200, {302, 403}),
    "admin:bulk_retry": (404, 404),
    "admin:second_factor": (200, 200),
    "admin:me": (200, 404),
    "admin:person": (403, 403),
    "schema": (200, 405),
    "metrics": (200, 405),
    "api-status": (200, 405),
    "api-webhook-loss": (200, 405),
    "api-order-whereabouts": ({200, 400, 405, 409}, {200, 400, 403, 405}),
}
# Pages of models in Django's own hands: no role opens them, a superuser does.
CLOSED_APPS = {"auth", "axes"}
OUR_APPS = {"accounts", "connectors", "orders", "inventory"}


def addresses(
    patterns: Any = None, route: str = "/", space: str = ""
) -> Iterator[tuple[str, str]]:
    """Every name with an address; places in it are filled so that nothing is found."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLPattern):
            yield f"{space}{one.name or ''}", route + _filled(one.pattern)
        else:
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from addresses(one.url_patterns, route + _filled(one.pattern), inner)


def _filled(pattern: Any) -> str:
    text = str(pattern).lstrip("^").rstrip("$").replace(r"\Z", "")
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__
        value = "0" if "Int" in kind or "Path" in kind else "nothing"
        for spelling in (f"<int:{name}>", f"<slug:{name}>", f"<str:{name}>"):
            text = text.replace(spelling, value)
        text = text.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
        text = text.replace(f"<uuid:{name}>", "0" * 32)
    if "(?P<" in text:
        text = _without_groups(text)
    return text.replace("\\", "")


def _without_groups(text: str) -> str:
    while "(?P<" in text:
        begin = text.index("(?P<")
        depth, end = 0, begin
        for end in range(begin, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
        text = f"{text[:begin]}0{text[end + 1 :]}"
    return text


def expected(name: str, role: str) -> tuple[Any, Any]:
    """What the role gets by GET and POST. Raises LookupError for what is not listed."""
    if name in PAGES:
        return PAGES[name]
    if name.startswith("api-"):
        return _of_api(name)
    found = _of_model(name, role)
    if found is None:
        raise LookupError(f"Say in this file who may open “{name}”.")
    return found


def _of_model(name: str, role: str) -> tuple[Any, Any] | None:
    for model, page in admin.site._registry.items():
        meta = model._meta
        stem = f"admin:{meta.app_label}_{meta.model_name}_"
        if not name.startswith(stem):
            continue
        verb = name.removeprefix(stem)
        if meta.app_label in CLOSED_APPS:
            return (403, 302, 404), (403, 302, 404)
        if meta.app_label not in OUR_APPS:
            return None
        return _of_ours(meta.model_name, verb, role, page)
    return None


def _of_ours(model: str, verb: str, role: str, page: Any) -> tuple[Any, Any] | None:
    by_form = {*CONFIGURATION, "configversion", "unitfactor"}
    configures = role == "integrator" and model in by_form
    if verb == "add":
        return (200, 200) if configures else (403, 403)
    if verb == "changelist":
        return (200, (200, 302, 403))
    if verb in {"change", "history", "do"}:
        # Nothing has the key 0: the page is refused or not found, and never breaks.
        return ((403, 404, 405), (403, 404))
    if verb == "delete":
        return ((403, 404), (403, 404))
    return None


def _of_api(name: str) -> tuple[Any, Any]:
    if name.endswith("-list"):
        return (200, (403, 405))
    if name.endswith("-detail"):
        return (404, (403, 405))
    # An action: POST only; without its record, or its body, nothing is done.
    return ((404, 405), (400, 403, 404, 405))


def _fits(status: int, wanted: Any) -> bool:
    return status in wanted if isinstance(wanted, tuple | set) else status == wanted


ADDRESSES = sorted(set(addresses()))
GUARDED = sorted(
    ((name, at) for name, at in ADDRESSES if name not in OPEN),
    key=lambda one: (one[0] == LAST, one),
)


def is_listed(name: str) -> bool:
    try:
        expected(name, "viewer")
    except LookupError:
        return False
    return True


def test_every_address_is_listed():
    assert [name for name, _at in GUARDED if not is_listed(name)] == []


@pytest.fixture
def client_of():
    def signed_in(role):
        client = Client(raise_request_exception=False)
        client.force_login(UserFactory(role=role))
        return client

    return signed_in


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_is_written_here(client_of, role):
    client = client_of(role)
    wrong = []
    for name, at in GUARDED:
        if not is_listed(name):
            continue  # test_every_address_is_listed says so
        by_get, by_post = expected(name, role)
        got = client.get(at).status_code
        if not _fits(got, by_get):
            wrong.append(("GET", name, at, got, by_get))
        cache.clear()  # as many posts in a minute would be slowed down
        sent = _post(client, at)
        if not _fits(sent, by_post):
            wrong.append(("POST", name, at, sent, by_post))

    assert not wrong, "\n".join(str(row) for row in wrong)


def _post(client, at):
    if at.startswith("/api/"):
        return client.post(at, {}, content_type="application/json").status_code
    return client.post(at, {}).status_code


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_by_another_method_nothing_is_done_anywhere(client_of, method):
    client = client_of("integrator")
    wrong = []
    for name, at in GUARDED:
        if not is_listed(name):
            continue  # test_every_address_is_listed says so
        cache.clear()
        sent = getattr(client, method)(at).status_code
        # A page may show itself, as by GET. The API has no such method at all.
        shown = not at.startswith("/api/") and _fits(
            sent, expected(name, "integrator")[0]
        )
        if not shown and sent not in {403, 404, 405}:
            wrong.append((name, at, sent))

    assert not wrong, "\n".join(str(row) for row in wrong)


def test_nobody_who_has_not_signed_in_gets_anywhere():
    client = Client(raise_request_exception=False)
    wrong = []
    for name, at in GUARDED:
        for method in ("get", "post"):
            answer = getattr(client, method)(at)
            to_login = answer.status_code == 302 and (
                "/login/" in answer.url or name == LAST
            )
            if not to_login and answer.status_code not in {401, 403, 404, 405}:
                wrong.append((method, name, answer.status_code))

    assert not wrong, "\n".join(str(row) for row in wrong)


def test_what_is_open_guards_itself():
    client = Client(raise_request_exception=False)
    wrong = []
    for name, at in ADDRESSES:
        if name not in OPEN:
            continue
        got = client.get(at).status_code, client.post(at).status_code
        if got[0] >= 500 or got[1] >= 500 or got[1] == 200:
            wrong.append((name, got))

    assert [row for row in wrong if row[0] != "admin:login"] == []


def test_a_page_that_nobody_listed_is_noticed():
    with pytest.raises(LookupError, match="admin:brand_new"):
        expected("admin:brand_new", "viewer")

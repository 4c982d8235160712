"""A real Chromium on the live site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.factories.accounts import UserFactory

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """playwright's loop lives in the tests' thread; Django must not take it for its own."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server):
    """A page of the console for a role; complaints of the browser fail the test."""
    contexts, complaints = [], []

    def start(
        role: str,
        *,
        width: int = 1440,
        scheme: str = "light",
        script: bool = True,
        **more: Any,
    ) -> Any:
        person = UserFactory(role=role)
        person.set_password(PASSWORD)
        person.save()
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            **more,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto("/admin/")
        page.get_by_label("Username").fill(person.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []

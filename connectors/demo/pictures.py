"""Pictures of the console's main pages, taken of a running demonstration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.demo.scene import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDTHS = {"wide": 1440, "phone": 390}
SCHEMES = ("light", "dark")
HEIGHT = 900
TALLEST = 2600  # pixels; what is below adds nothing to a picture
ADMIN = "/admin/"
FIRST_ROW = "#result_list tbody tr th a"
CHROMIUM = Path("/usr/bin/chromium")

Act = Callable[["Page"], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: where it begins, and what is done there before the picture."""

    name: str
    address: str
    then: Act | None = None
    role: str = "integrator"


def _open(selector: str) -> Act:
    """Follow the first such link; where there is none the page stays as it is."""

    def follow(page: Page) -> None:
        links = page.locator(selector)
        if links.count():
            links.first.click()

    return follow


def _search_many(page: Page) -> None:
    """Two hundred numbers: those that the list shows, and others that nobody knows."""
    shown = page.locator("#result_list tbody th a").all_inner_texts()
    unknown = [f"{number:08}" for number in range(900, 1100 - len(shown))]
    page.goto(f"{ADMIN}find/")
    page.locator("#many").fill("\n".join([*shown, *unknown]))
    page.get_by_role("button", name="Look them up").click()


def _try_rules(page: Page) -> None:
    """A draft of two rules and what they would do to one order; nothing is saved."""
    number = page.locator("#result_list tbody th a").first.inner_text()
    page.goto(f"{ADMIN}routing/")
    if not page.locator("textarea[name=text]").count():
        page.locator(".plain-list a").first.click()  # of several accounts
    places = page.locator("[data-site]").evaluate_all(
        "found => found.map(one => one.dataset.site)"
    )
    rules = [
        {"name": "West", "when": {"states": ["NM", "ID", "CA"]}, "warehouses": places},
        {"name": "Everything else", "warehouses": places},
    ]
    page.get_by_text("All rules as JSON").click()
    page.locator("textarea[name=text]").fill(json.dumps({"rules": rules}, indent=2))
    page.locator("input[name=order]").fill(number)
    page.locator("button[value=try]").click()


ORDERS = f"{ADMIN}orders/order/"
SHOTS = (
    Shot("login", f"{ADMIN}login/", role=""),
    Shot("home", ADMIN, role="operator"),
    Shot("orders", ORDERS),
    Shot("order-failed", f"{ORDERS}?state__exact=failed", _open(FIRST_ROW)),
    Shot("order-shipped", f"{ORDERS}?state__exact=shipped", _open(FIRST_ROW)),
    Shot("failures", f"{ADMIN}failures/"),
    Shot("cause", f"{ADMIN}failures/", _open(".causes th a")),
    Shot("sync-log", f"{ADMIN}connectors/syncattempt/"),
    Shot("stock", f"{ADMIN}inventory/stocklevel/"),
    Shot("discrepancies", f"{ADMIN}inventory/stockdiscrepancy/"),
    Shot("routing", f"{ADMIN}routing/"),
    Shot("routing-trial", ORDERS, _try_rules),
    Shot("maps", f"{ADMIN}maps/"),
    Shot("map", f"{ADMIN}maps/", _open("table.plain tbody th a")),
    Shot("unmapped", f"{ADMIN}unmapped/"),
    Shot("mapping", f"{ADMIN}mapping/"),
    Shot("written-fields", f"{ADMIN}written/"),
    Shot("checks", f"{ADMIN}checks/"),
    Shot("configuration", f"{ADMIN}config/"),
    Shot("import", f"{ADMIN}config/", _open("a[href$='/import/']")),
    Shot("accounts", f"{ADMIN}accounts/account/"),
    Shot("account", f"{ADMIN}accounts/account/", _open(FIRST_ROW)),
    Shot("settings", f"{ADMIN}accounts/scopedsetting/"),
    Shot("schedules", f"{ADMIN}schedules/"),
    Shot("health", f"{ADMIN}connectors/heartbeat/"),
    Shot("search-many", ORDERS, _search_many),
    Shot("exceptions", f"{ADMIN}orders/orderexception/", role="operator"),
    Shot("error-catalogue", f"{ADMIN}errors/", role="operator"),
    Shot("mail", f"{ADMIN}mail/", role="operator"),
    Shot("second-factor", f"{ADMIN}second-factor/", role="operator"),
    Shot("empty", f"{ADMIN}orders/return/", role="operator"),
    Shot("not-found", f"{ADMIN}orders/order/0/change/", role="operator"),
    Shot("refused", f"{ADMIN}people/1/", role="operator"),
)


def take(
    base: str, into: Path, *, only: frozenset[str] = frozenset()
) -> Iterator[Path]:
    """Take every picture, or those of the pages named; answers the files as they come.

    Raises ImportError where playwright is missing, FileNotFoundError where its browser
    is, ConnectionError where no console answers.
    """
    # Imported here: the tests need it, the product does not.
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415

    into.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not only or shot.name in only]
    with sync_playwright() as playwright:
        known = str(CHROMIUM) if CHROMIUM.exists() else None
        try:
            browser = playwright.chromium.launch(
                executable_path=known, args=["--no-sandbox", "--disable-gpu"]
            )
        except Error as error:
            raise FileNotFoundError(str(error)) from error
        try:
            for width in WIDTHS:
                for scheme in SCHEMES:
                    yield from take_all(browser, base, into, wanted, width, scheme)
        except Error as error:
            if "ERR_CONNECTION" not in str(error):
                raise
            raise ConnectionError(f"No console answers at {base}.") from error


def take_all(
    browser: Browser,
    base: str,
    into: Path,
    shots: list[Shot],
    width: str,
    scheme: str,
) -> Iterator[Path]:
    """A picture of each, in one width and one scheme."""
    people: dict[str, BrowserContext] = {}
    for shot in shots:
        if shot.role not in people:
            people[shot.role] = browser.new_context(
                base_url=base,
                viewport={"width": WIDTHS[width], "height": HEIGHT},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            _sign_in(people[shot.role], shot.role)
        page = people[shot.role].new_page()
        page.goto(shot.address)
        if shot.then is not None:
            shot.then(page)
        page.wait_for_load_state("load")
        file = into / f"{shot.name}-{width}-{scheme}.png"
        tall = page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": WIDTHS[width], "height": min(tall, TALLEST)}
        page.screenshot(path=file, full_page=True, clip=clip)  # type: ignore[arg-type]
        page.close()
        yield file
    for context in people.values():
        context.close()


def _sign_in(context: BrowserContext, role: str) -> None:
    if not role:
        return
    page = context.new_page()
    page.goto(f"{ADMIN}login/?next={ADMIN}")
    page.get_by_label("Username").fill(role)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{ADMIN}")
    page.close()

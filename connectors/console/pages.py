"""Pages that belong to no model: any part of the house registers its own here.

A page gets its address, its place in the navigation, the check of its permission and
the console's frame from one entry. It is written as a function of the request; what
it answers is mostly `show`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """`name` is the address's name within `admin:`, `route` its path below /admin/.

    `permission` is Django's and is needed to see the page ("": to be signed in is
    enough); a form on it asks its service for more. `group` places it in the navigation ("" leaves it out), `order`
    within the group, the smallest first. `posts` lets forms be sent to it.
    """

    name: str
    route: str
    view: View
    permission: str
    title: str = ""
    group: str = ""
    order: int = 50
    posts: bool = False

    def path(self, site: admin.AdminSite) -> URLPattern:
        methods = ["GET", "HEAD", *(["POST"] if self.posts else [])]
        guarded = csrf_protect(require_http_methods(methods)(self._guarded))
        return path(self.route, site.admin_view(guarded), name=self.name)

    def _guarded(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if self.permission and not request.user.has_perm(self.permission):
            raise PermissionDenied(f"Your role does not show “{self.title}”.")
        if any("\0" in text for texts in request.POST.lists() for text in texts[1]):
            raise BadRequest("The form holds a character that no text has.")
        return self.view(request, **kwargs)


_pages: dict[str, Page] = {}


def register(*pages: Page) -> None:
    """Make pages known. Raises `ValueError` for a name that is taken."""
    for page in pages:
        if page.name in _pages:
            raise ValueError(f"There is already a page “{page.name}”.")
        _pages[page.name] = page


def every_page() -> list[Page]:
    return sorted(_pages.values(), key=lambda page: (page.order, page.name))


def show(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    crumbs: Mapping[str, str] | None = None,
    **context: Any,
) -> TemplateResponse:
    """A template of ours in the console's frame; `crumbs` are words → address."""
    frame = admin.site.each_context(request)
    return TemplateResponse(
        request,
        template,
        {**frame, "title": title, "crumbs": (crumbs or {}).items(), **context},
    )


def address(name: str, *args: object, **query: object) -> str:
    """The address of a page of the console; query values that are empty are left out."""
    given = {key: str(value) for key, value in query.items() if value not in ("", None)}
    return reverse(f"admin:{name}", args=args, query=given)

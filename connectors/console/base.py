"""What every page of the console has in common: scope, search, buttons, no surprises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from connectors.accounts import permissions
from connectors.accounts.models import Audit
from connectors.bodies import storable
from connectors.console import navigation, offers
from connectors.console.paging import CappedPaginator, EndlessList, span_in
from connectors.console.record_filter import ScopedFilter, is_record
from connectors.console.scoping import Filter, by_account, scope_of
from connectors.console.searching import EVERYWHERE, Search
from connectors.sync.actions import ActionRefusedError

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class ConsoleAdmin(Base):
    """Rows of the user's accounts only, bounded lists, and the buttons of `offers`."""

    scope: Filter = staticmethod(by_account())
    search = Search()
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    actions: Any = None
    change_form_template = "admin/console/record.html"
    change_list_template = "admin/console/rows.html"
    list_note = ""
    # A list that grows without end: pages by key, no count, no other order.
    is_endless = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return EndlessList if self.is_endless else super().get_changelist(request)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """A filter by a record names only those that the user may see."""
        return [
            (name, ScopedFilter) if is_record(self.model, name) else name
            for name in super().get_list_filter(request)
        ]

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return () if self.is_endless else super().get_sortable_by(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        scope = scope_of(request.user)
        return rows if scope.everything else rows.filter(self.scope(scope))

    def get_search_fields(self, _request: HttpRequest) -> tuple[str, ...]:
        return self.search.columns

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        span = span_in(request) if self.is_endless else EVERYWHERE
        return self.search.apply(queryset, search_term, span), False

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer only rows that the user may see."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(related, ConsoleAdmin):
            kwargs.setdefault("queryset", related.get_queryset(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Name both halves of a date with time, which Django leaves without labels."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for half, word in zip(field.widget.widgets, ("date", "time"), strict=True):
                half.attrs["aria-label"] = f"{field.label}: {word}"
        return field

    def _get_obj_does_not_exist_redirect(
        self, _request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """What is not there, or not the user's, answers so (Django would go home)."""
        raise Http404(f"There is no {opts.verbose_name} {object_id}.")

    def has_delete_permission(
        self, _request: HttpRequest, _obj: Model | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        opts = self.opts
        press = path(
            "<path:object_id>/do/<slug:name>/",
            require_POST(csrf_protect(self.press)),
            name=f"{opts.app_label}_{opts.model_name}_do",
        )
        return [press, *super().get_urls()]

    def title_of(self, row: Any) -> str:
        """The heading of a record's page."""
        return str(row)

    def links_of(self, _row: Any) -> list[tuple[str, str]]:
        """More ways on from a record's page: words and address."""
        return []

    def way_to_history(self, _request: HttpRequest, _row: Any) -> list[tuple[str, str]]:
        """What people change shows who did; mirrors have their own story."""
        return []

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        _extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the audit has of the record. The admin's own log is not written."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied("You may not see this record.")
        return HttpResponseRedirect(audit_address(row))

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """One press of a button: permission, state, service, message."""
        back = self._page_of(object_id)
        if not self.admin_site.has_permission(request):
            return redirect_to_login(back, reverse("admin:login"))
        offer = offers.find(self.model, name)
        subject = self.get_object(request, unquote(object_id))
        if offer is None or subject is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        if not self.has_view_permission(request, subject):
            raise PermissionDenied("You may not see this record.")
        permissions.require(request.user, offer.operation, offers.account_of(subject))
        said = self._run(request, offer, subject)
        if said and offer.leaves:
            back = reverse(
                f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            )
        return HttpResponseRedirect(_wanted_page(request) or back)

    def _run(self, request: HttpRequest, offer: offers.Offer, subject: Any) -> bool:
        data = {
            item.name: storable(request.POST.get(item.name, ""))
            for item in offer.inputs
        }
        call = offers.Call(subject, request.user, now(), data)
        try:
            refusal = offer.unfit(subject)
            if refusal:
                raise ActionRefusedError(refusal)
            messages.success(request, offer.run(call))
        except ActionRefusedError as refused:
            messages.warning(request, str(refused))
            return False
        return True

    def _page_of(self, object_id: str) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[object_id])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = navigation.title_of(self.model)
        context = {"list_note": self.list_note, "list_title": title, "title": title}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        subject = kwargs.get("obj") or context.get("original")
        context["record_title"] = self.title_of(subject) if subject else ""
        context["list_title"] = navigation.title_of(self.model)
        context["adminform"].form.label_suffix = ""
        context["offers"] = buttons_for(subject, request.user) if subject else []
        context["more_links"] = (
            [*self.links_of(subject), *self.way_to_history(request, subject)]
            if subject
            else []
        )
        return super().render_change_form(request, context, *args, **kwargs)


class MirrorAdmin(ConsoleAdmin):
    """What we know of elsewhere, or wrote down: read, never typed."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, _request: HttpRequest, _obj: Model | None = None
    ) -> bool:
        return False


def buttons_for(subject: Model, user: offers.User) -> list[dict[str, Any]]:
    """The offers of one record with the address each is posted to."""
    meta = subject._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_do"
    return [
        {
            "offer": offer,
            "url": reverse(name, args=[subject.pk, offer.name]),
            "inputs": [one.asked_of(subject, user) for one in offer.inputs],
        }
        for offer in offers.offers_for(subject, user)
    ]


def list_address(model: type[Model], **filters: object) -> str:
    """The address of a model's list, with filters."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return reverse(name, query={key: str(value) for key, value in filters.items()})


def audit_address(subject: Model) -> str:
    """The list of all that people did to one record."""
    return list_address(Audit, q=subject.pk, object_type=subject._meta.label_lower)


def add_address(model: type[Model], **filled: object) -> str:
    """The address of the form for a new row, with some fields filled in."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_add"
    return reverse(name, query={key: str(value) for key, value in filled.items()})


def page_address(subject: Model) -> str:
    meta = subject._meta
    return reverse(
        f"admin:{meta.app_label}_{meta.model_name}_change", args=[subject.pk]
    )


def column(
    words: str, *, order: str = "", empty: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A list column or a read-only field, named for people."""
    return admin.display(description=words, ordering=order or None, empty_value=empty)


def _wanted_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else ""

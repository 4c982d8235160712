"""What every page of the console has in common: scope, search, buttons, no surprises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from connectors.accounts import audit, permissions
from connectors.console import navigation, offers
from connectors.console.paging import CappedPaginator
from connectors.console.scoping import Filter, by_account, scope_of
from connectors.console.searching import Search
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        scope = scope_of(request.user)
        return rows if scope.everything else rows.filter(self.scope(scope))

    def get_search_fields(self, _request: HttpRequest) -> tuple[str, ...]:
        return self.search.columns

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return self.search.apply(queryset, search_term), False

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer only rows that the user may see."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(related, ConsoleAdmin):
            kwargs.setdefault("queryset", related.get_queryset(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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
        data = {item.name: request.POST.get(item.name, "") for item in offer.inputs}
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
        context["offers"] = buttons_for(subject, request.user) if subject else []
        return super().render_change_form(request, context, *args, **kwargs)


class MirrorAdmin(ConsoleAdmin):
    """What we know of elsewhere, or wrote down: read, never typed."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, _request: HttpRequest, _obj: Model | None = None
    ) -> bool:
        return False


class ConfigAdmin(ConsoleAdmin):
    """What an integrator sets by form. Every save is written to the audit."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self._may_configure(request)

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and self._may_configure(request)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        before = self._as_saved(obj, form.changed_data) if change else None
        super().save_model(request, obj, form, change)
        audit.record(
            action=f"{'change' if change else 'add'}_{self.opts.model_name}",
            actor=request.user,
            subject=obj,
            account=offers.account_of(obj),
            before=before,
            after=_values(obj, form.changed_data),
            now=now(),
        )

    def _as_saved(self, obj: Any, names: Iterable[str]) -> dict[str, Any]:
        return _values(self.model._default_manager.get(pk=obj.pk), names)

    def _may_configure(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, permissions.CHANGE_CONFIG)


def buttons_for(subject: Model, user: offers.User) -> list[dict[str, Any]]:
    """The offers of one record with the address each is posted to."""
    meta = subject._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_do"
    return [
        {"offer": offer, "url": reverse(name, args=[subject.pk, offer.name])}
        for offer in offers.offers_for(subject, user)
    ]


def list_address(model: type[Model], **filters: object) -> str:
    """The address of a model's list, with filters."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return reverse(name, query={key: str(value) for key, value in filters.items()})


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


def _values(obj: Any, names: Iterable[str]) -> dict[str, Any]:
    """Plain values of the named columns; what is no column of the row is left out."""
    columns = {field.name: field for field in obj._meta.concrete_fields}
    return {
        name: _plain(columns[name].value_from_object(obj))
        for name in names
        if name in columns and name != "secrets"
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    return str(value)


def _wanted_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and wanted.startswith("/") else ""

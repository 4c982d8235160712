"""How one signs in: one's own page, the page of the second factor, and people's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_otp
import segno
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import (
    sensitive_post_parameters,
    sensitive_variables,
)

from connectors.accounts import sign_in
from connectors.accounts.api_tokens import ApiToken
from connectors.accounts.sign_in import SignInError
from connectors.console.pages import Page, address, register, show

# How long a token may be valid: days and words. The last has no end.
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end"))

Deed = Callable[[HttpRequest], dict[str, Any]]


@never_cache
@sensitive_post_parameters("code")
@sensitive_variables("codes")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Asks for a code; of somebody without a device, sets one up first."""
    user: Any = request.user
    onward = _onward(request)
    is_enrolled = sign_in.is_enrolled(user)
    if is_enrolled and user.is_verified():
        return HttpResponseRedirect(onward)
    error = ""
    if request.method == "POST":
        try:
            codes = _prove(request, user, is_enrolled=is_enrolled)
        except SignInError as wrong:
            error = str(wrong)
        else:
            if not codes:
                return HttpResponseRedirect(onward)
            return _show_codes(request, codes, onward)
    device = None if is_enrolled else sign_in.begin_enrolment(user)
    context = {
        "title": "Second factor" if is_enrolled else "Set up your second factor",
        "is_required": sign_in.is_required(user),
        "onward": onward,
        "error": error,
        "device": device,
        "picture": _picture(device.config_url) if device else "",
        "key": _in_groups(device.bin_key) if device else "",
    }
    # Without the console's frame: who has proved the password only sees no counts.
    return render(request, "admin/console/second_factor.html", context)


def _prove(request: HttpRequest, user: Any, *, is_enrolled: bool) -> list[str]:
    """Take the code; answers recovery codes when it finished setting up."""
    code = request.POST.get("code", "").replace(" ", "")[:20]
    if is_enrolled:
        device = django_otp.match_token(user, code)
        if device is None:
            raise SignInError(
                "This code is not right, or was used already. After several wrong ones "
                "the next counts only after a pause."
            )
        django_otp.login(request, device)
        return []
    waiting = sign_in.begin_enrolment(user)
    codes = sign_in.finish_enrolment(user, code, now=now())
    waiting.refresh_from_db()
    django_otp.login(request, waiting)
    request.session[sign_in.NEEDS_FACTOR] = True
    return codes


def _show_codes(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    context = {"title": "Keep these recovery codes", "codes": codes, "onward": onward}
    return render(request, "admin/console/recovery_codes.html", context)


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if is_ours else address("index")


def _picture(text: str) -> SafeString:
    """The text as a QR code. Its markup is segno's own, of rectangles only."""
    code = segno.make(text, error="m")
    drawn = code.svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308


def _in_groups(key: bytes) -> str:
    from base64 import b32encode  # noqa: PLC0415

    text = b32encode(key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@never_cache
@sensitive_variables("secret", "codes")
def me(request: HttpRequest) -> HttpResponse:
    """One's own: second factor, open sessions, tokens for machines."""
    more: dict[str, Any] = {}
    if request.method == "POST":
        deed = _OWN.get(request.POST.get("do", ""))
        if deed is None:
            raise Http404("There is no such button.")
        try:
            more = deed(request)
        except SignInError as refused:
            messages.warning(request, str(refused))
        if codes := more.get("codes"):
            return _show_codes(request, codes, address("me"))
        if not more:
            return HttpResponseRedirect(address("me"))
    return _show_person(request, request.user, is_own=True, **more)


def _new_codes(request: HttpRequest) -> dict[str, Any]:
    _ask_again(request)
    return {"codes": sign_in.new_codes(request.user, now=now())}


def _take_off(request: HttpRequest) -> dict[str, Any]:
    _ask_again(request)
    sign_in.take_off(request.user, now=now())
    request.session[sign_in.NEEDS_FACTOR] = False
    messages.success(request, "Your second factor is off.")
    return {}


def _ask_again(request: HttpRequest) -> None:
    """A session that was left open shall not be enough to weaken the sign-in."""
    code = request.POST.get("code", "").replace(" ", "")[:20]
    if django_otp.match_token(request.user, code) is None:
        raise SignInError("Enter a code that is valid now.")


def _end_others(request: HttpRequest) -> dict[str, Any]:
    count = sign_in.end_sessions(
        request.user,
        actor=request.user,
        now=now(),
        except_key=request.session.session_key,
    )
    messages.success(request, f"{count} other sessions ended.")
    return {}


def _make_token(request: HttpRequest) -> dict[str, Any]:
    days = request.POST.get("days", "90")
    if days not in dict(LIFETIMES):
        raise SignInError("Choose how long the token is valid.")
    secret = sign_in.make_token(
        request.user,
        name=request.POST.get("name", ""),
        may_write=request.POST.get("may_write") == "1",
        days=int(days) if days else None,
        now=now(),
    )
    return {"secret": secret}


def _revoke(request: HttpRequest, person: Any = None) -> dict[str, Any]:
    key = request.POST.get("token", "")
    whose: Any = person or request.user
    rows = ApiToken.objects.filter(user=whose)
    token = rows.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if token is None:
        raise SignInError("There is no such token.")
    sign_in.revoke_token(token, actor=request.user, now=now())
    messages.success(request, f"“{token.name}” no longer works.")
    return {}


_OWN: dict[str, Deed] = {
    "codes": _new_codes,
    "off": _take_off,
    "others": _end_others,
    "token": _make_token,
    "revoke": _revoke,
}


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody's sign-in, for administrators: unlock, reset, end, revoke."""
    whose = get_object_or_404(get_user_model(), pk=pk)
    if request.method != "POST":
        return _show_person(request, whose, is_own=False)
    wanted = request.POST.get("do", "")
    try:
        _do_for(request, whose, wanted)
    except SignInError as refused:
        messages.warning(request, str(refused))
    return HttpResponseRedirect(address("person", pk))


def _do_for(request: HttpRequest, whose: Any, wanted: str) -> None:
    by: dict[str, Any] = {"actor": request.user, "now": now()}
    if wanted == "unlock":
        sign_in.release(whose, **by)
        messages.success(request, f"{whose} may try again at once.")
    elif wanted == "reset":
        sign_in.reset_factor(whose, **by)
        words = "sets up a second factor again at the next sign-in"
        messages.success(request, f"{whose} {words}; open sessions ended.")
    elif wanted == "end":
        count = sign_in.end_sessions(whose, **by)
        messages.success(request, f"{count} sessions of {whose} ended.")
    elif wanted == "revoke":
        _revoke(request, whose)
    else:
        raise Http404("There is no such button.")


def _show_person(
    request: HttpRequest, whose: Any, *, is_own: bool, **more: Any
) -> HttpResponse:
    today = now()
    tries = list(sign_in.wrong_tries(whose)[:10])
    tokens = whose.api_tokens.all()[:50]
    return show(
        request,
        "admin/console/sign_in.html",
        title="My sign-in" if is_own else f"Sign-in of {whose}",
        crumbs=None if is_own else {"People": address("auth_user_changelist")},
        whose=whose,
        is_own=is_own,
        is_enrolled=sign_in.is_enrolled(whose),
        is_required=sign_in.is_required(whose),
        codes_left=sign_in.codes_left(whose),
        sessions=sign_in.sessions_of(whose),
        this_session=request.session.session_key,
        tokens=[(token, token.stands(today)) for token in tokens],
        lifetimes=LIFETIMES,
        tries=tries,
        is_locked=sign_in.is_locked(whose),
        **more,
    )


def register_pages() -> None:
    register(
        Page("second_factor", "second-factor/", second_factor, "", posts=True),
        Page("me", "me/", me, "", "My sign-in", posts=True),
        Page(
            "person",
            "people/<int:pk>/",
            person,
            sign_in.MANAGE,
            "Sign-in of a person",
            posts=True,
        ),
    )

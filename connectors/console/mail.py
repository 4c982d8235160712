"""The page on which people choose what they are mailed, and when not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now

from connectors import mailing
from connectors.casework import Cause, MailChoice
from connectors.console.pages import Page, address, register, show
from connectors.errors import Owner
from connectors.outgoing import OutgoingMail

if TYPE_CHECKING:
    Base = forms.ModelForm[MailChoice]
else:
    Base = forms.ModelForm


class MailForm(Base):
    owners = forms.MultipleChoiceField(
        label="Only what is for",
        choices=[(each.value, each.value.capitalize()) for each in Owner],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: for anybody.",
    )
    quiet_from = forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    digest_at = forms.CharField(
        label="Digest at",
        required=False,
        help_text="When your shifts begin, such as 06:00, 14:00.",
    )

    class Meta:
        model = MailChoice
        fields = (
            *("new_causes", "recovered", "owners"),
            *("quiet_from", "quiet_until", "digest_at", "time_zone"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["digest_at"] = ", ".join(self.instance.digest_at or [])

    def clean_digest_at(self) -> list[str]:
        given = self.cleaned_data["digest_at"].replace(";", ",").split(",")
        times = [text.strip() for text in given if text.strip()]
        wrong = [text for text in times if mailing.time_of(text) is None]
        if wrong:
            raise forms.ValidationError(f"This is no time: {wrong[0]}. Write 06:00.")
        return times

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if mailing.zone_of(name).key != name:
            raise forms.ValidationError("Write it like Europe/Vienna.")
        return name

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        if bool(given.get("quiet_from")) != bool(given.get("quiet_until")):
            raise forms.ValidationError("Quiet hours need a beginning and an end.")
        return given


def mail(request: HttpRequest) -> HttpResponse:
    """The user's own choices; nobody changes another's."""
    choice = MailChoice.objects.filter(user=request.user.pk).first()
    choice = choice or MailChoice(user_id=request.user.pk or 0)
    form = MailForm(request.POST or None, instance=choice)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        saved.told_until = saved.told_until or now()
        saved.digest_sent_at = saved.digest_sent_at or now()
        saved.save()
        messages.success(request, "Saved.")
        return HttpResponseRedirect(address("mail"))
    return show(
        request,
        "admin/console/mail.html",
        title="My mail",
        form=form,
        email=getattr(request.user, "email", ""),
        is_on=choice.pk is not None,
        stuck=OutgoingMail.objects.filter(
            to=getattr(request.user, "email", "") or "nobody",
            sent_at=None,
            tries__gt=0,
        ).last(),
        muted=Cause.objects.filter(muted_by=request.user.pk or 0)[:50],
    )


def register_pages() -> None:
    register(
        Page(
            "mail",
            "mail/",
            mail,
            "connectors.view_failedpayload",
            "My mail",
            "Failures",
            95,
            posts=True,
        )
    )

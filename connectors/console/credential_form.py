"""Entering a login: secrets go in, and never come out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import QueryDict

from connectors.accounts.models import Credential
from connectors.errors import AuthError

if TYPE_CHECKING:
    Base = forms.ModelForm[Credential]
else:
    Base = forms.ModelForm

HELP = (
    "One “name: value” per line; a value may go on over more lines. ShipHero: "
    "refresh_token. Salesforce: client_id and client_secret, or client_id and "
    "private_key. What is not named stays; a name without value is removed."
)


class CredentialForm(Base):
    """Writes secrets by name; renders none, also after an error."""

    new_secrets = forms.CharField(
        label="New secrets",
        required=False,
        help_text=HELP,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    class Meta:
        model = Credential
        fields = ("system", "name", "settings")

    def clean_settings(self) -> dict[str, Any]:
        settings = self.cleaned_data["settings"] or {}
        if not isinstance(settings, dict):
            raise forms.ValidationError('Write an object, such as {"domain": "login"}.')
        return settings

    def clean_new_secrets(self) -> dict[str, str]:
        text: str = self.cleaned_data["new_secrets"]
        # A form that is shown again must not carry what was typed.
        shown = cast("QueryDict", self.data).copy()
        shown[self.add_prefix("new_secrets")] = ""
        self.data = shown
        return parse_secrets(text)

    def save(self, commit: bool = True) -> Credential:
        given: dict[str, str] = self.cleaned_data.get("new_secrets") or {}
        if given:
            self.instance.secrets = merged(self.instance.secrets, given)
        return super().save(commit)


def parse_secrets(text: str) -> dict[str, str]:
    """The names and values of “name: value” lines; a line without name goes on."""
    found: dict[str, str] = {}
    last = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip().replace("_", "").isalnum():
            last = name.strip().lower()
            found[last] = value.strip()
        elif line.strip() and not last:
            raise forms.ValidationError("The first line has no “name: value”.")
        elif line.strip():
            found[last] = f"{found[last]}\n{line.strip()}".strip()
    return found


def merged(stored: Any, given: dict[str, str]) -> dict[str, str]:
    """What is stored with what was given; secrets that cannot be read are replaced."""
    try:
        kept = dict((stored or {}).items())
    except AuthError:
        kept = {}
    kept.update(given)
    return {name: value for name, value in kept.items() if value}

"""Forms that let nothing invalid be saved, and say in words what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from connectors.accounts import scoped
from connectors.accounts.models import ScopedSetting
from connectors.config_versions import OF_ACCOUNT, ConfigVersion
from connectors.errors import ConnectorError, ProblemsError
from connectors.sync import config

if TYPE_CHECKING:
    VersionBase = forms.ModelForm[ConfigVersion]
    SettingBase = forms.ModelForm[ScopedSetting]
else:
    VersionBase = SettingBase = forms.ModelForm


def as_text(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def read_document(kind: str, text: str) -> dict[str, Any]:
    """The document of a text. Raises ValidationError with all that is wrong in it."""
    document = _load(text)
    try:
        config.PARSERS.get(kind, dict)(document)
    except ProblemsError as wrong:
        raise forms.ValidationError(
            [f"{item.field}: {item.reason}".lstrip(": ") for item in wrong.problems]
        ) from wrong
    except ConnectorError as wrong:
        raise forms.ValidationError(wrong.reason) from wrong
    except ValueError as wrong:
        raise forms.ValidationError(str(wrong)) from wrong
    except (TypeError, AttributeError) as wrong:
        raise forms.ValidationError(
            "An entry is missing, or is not of the kind it must be."
        ) from wrong
    return document


def _load(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except RecursionError:
        raise forms.ValidationError("This is nested too deeply.") from None
    except ValueError as wrong:
        raise forms.ValidationError(f"This is not JSON: {wrong}.") from wrong
    if not isinstance(document, dict):
        raise forms.ValidationError("The document must be an object: { … }.")
    if "\\u0000" in json.dumps(document):
        raise forms.ValidationError("The document holds a NUL character.")
    return document


class ConfigVersionForm(VersionBase):
    text = forms.CharField(
        label="Document",
        help_text="JSON. It is checked before it is saved.",
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )

    class Meta:
        model = ConfigVersion
        fields = ("kind", "organization", "account", "note")

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        kind = given.get("kind", "")
        self._check_scope(kind, given)
        if "text" in given:
            try:
                self.instance.document = read_document(kind, given["text"])
            except forms.ValidationError as wrong:
                self.add_error("text", wrong)
        return given

    def _check_scope(self, kind: str, given: dict[str, Any]) -> None:
        wanted, other = "organization", "account"
        if kind in OF_ACCOUNT:
            wanted, other = other, wanted
        if kind and not given.get(wanted):
            self.add_error(wanted, f"This kind is set for an {wanted}.")
        if kind and given.get(other):
            self.add_error(other, f"Leave this empty: the {wanted} says for whom.")


class ScopedSettingForm(SettingBase):
    key = forms.ChoiceField(label="Setting", choices=())
    text = forms.CharField(
        label="Value", help_text="A number, or true or false, as the setting needs."
    )

    class Meta:
        model = ScopedSetting
        fields = ("key", "account", "brand")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            self.fields["key"] = forms.ChoiceField(
                label="Setting",
                choices=[
                    (key, f"{key} — {spec.help}")
                    for key, spec in sorted(scoped.REGISTRY.items())
                ],
            )
        if self.instance.pk:
            self.fields["text"].initial = json.dumps(self.instance.value)
            self._explain(self.instance.key)

    def _explain(self, key: str) -> None:
        spec = scoped.REGISTRY.get(key)
        if spec is not None:
            self.fields[
                "text"
            ].help_text = f"{spec.help} The default is {json.dumps(spec.default)}."

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        if given.get("account") and given.get("brand"):
            raise forms.ValidationError(
                {NON_FIELD_ERRORS: "Choose an account or a brand, not both."}
            )
        return given

    def clean_text(self) -> Any:
        key = self.cleaned_data.get("key") or self.instance.key
        if not key:
            return None
        try:
            value = json.loads(self.cleaned_data["text"])
        except (ValueError, RecursionError):
            value = self.cleaned_data["text"]
        try:
            scoped.spec_of(key).check(value)
        except (ValueError, scoped.UnknownSettingError) as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        return value

"""The form of a warehouse: hours in words that cannot be wrong silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from connectors.sync import place_actions, unit_actions
from inventory.models import UnitFactor, Warehouse
from inventory.records import SKU_LENGTH

DAYS = (
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
)


if TYPE_CHECKING:
    PlaceForm = forms.ModelForm[Warehouse]
    UnitForm = forms.ModelForm[UnitFactor]
else:
    PlaceForm = UnitForm = forms.ModelForm


class WarehouseForm(PlaceForm):
    """A time zone must be a known one, for a wrong one moves every cut-off."""

    working_days = forms.TypedMultipleChoiceField(
        choices=DAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Days on which it ships.",
    )

    class Meta:
        model = Warehouse
        fields = (
            "is_active",
            "is_chosen",
            "region",
            "time_zone",
            "cutoff",
            "working_days",
        )

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        problem = place_actions.zone_problem(name)
        if problem:
            raise forms.ValidationError(problem)
        return name

    def clean_working_days(self) -> list[int]:
        days = sorted(self.cleaned_data["working_days"])
        if not days:
            raise forms.ValidationError("A warehouse works on one day at least.")
        return days


class UnitFactorForm(UnitForm):
    """Blanks at the ends of an SKU are part of it; a unit has one row, however written."""

    sku = forms.CharField(
        label="SKU",
        max_length=SKU_LENGTH,
        required=False,
        strip=False,
        help_text="Empty: every SKU.",
    )

    class Meta:
        model = UnitFactor
        fields = ("account", "sku", "unit", "factor")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        account, unit = given.get("account"), given.get("unit")
        if account and unit:
            sku = given.get("sku", "")
            held = unit_actions.named(account, sku, unit, but=self.instance.pk)
            if held is not None:
                raise forms.ValidationError(f"There is a row already: {held}.")
        return given

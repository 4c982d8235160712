"""State chips and times for the console's templates."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from connectors.console import markup

register = template.Library()


@register.simple_tag
def chip(state: str, word: str = "") -> SafeString:
    """The chip of one of our states."""
    return markup.chip_html(state, word)


@register.simple_tag
def tone(tone_name: str, word: str) -> SafeString:
    """A chip in a tone."""
    return markup.tone_html(tone_name, word)


@register.filter
def when(moment: datetime | None) -> SafeString | str:
    """How long ago, with the exact time on hover."""
    return markup.when(moment)


@register.filter
def kind_words(kind: str) -> str:
    """What people call a kind of job."""
    return markup.kind_words(kind)


@register.filter
def code(text: str) -> SafeString | str:
    """An error code, linked to the catalogue."""
    return markup.link_to_code(text)


@register.filter
def address(text: str) -> str:
    """A web address that a browser may follow, else nothing."""
    return markup.safe_address(text)

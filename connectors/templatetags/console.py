"""State chips and times for the console's templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.contrib.admin.helpers import AdminReadonlyField
from django.utils.safestring import SafeString

from connectors.console import hits, markup, navigation, readings, setting_topics
from orders.models import Package

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
def exact(moment: datetime | None) -> SafeString | str:
    """The exact time, and how long ago that is."""
    return markup.exact(moment)


@register.filter
def clock(moment: datetime) -> SafeString:
    """The time of the day alone."""
    return markup.clock(moment)


@register.filter
def said(field: AdminReadonlyField) -> SafeString | str:
    """What a read-only field holds: yes or no in words, times with their zone."""
    return readings.said(field)


@register.filter
def sentence(words: str) -> str:
    """The words with a full stop, once."""
    return f"{words.rstrip('.')}." if words else ""


@register.filter
def parcels(packages: Iterable[Package]) -> SafeString:
    """Carrier, method and tracking number of each parcel."""
    return markup.packages(packages)


@register.filter
def one_of(opts: Any) -> str:
    """What people call one row of a model."""
    return navigation.words_for(opts)[0]


@register.filter
def many_of(opts: Any) -> str:
    """What people call rows of a model."""
    return navigation.words_for(opts)[1]


@register.filter
def seconds(count: int) -> str:
    """A number of seconds in its largest unit, where nothing is lost by it."""
    return setting_topics.words_of("seconds", count)


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


@register.simple_tag
def hit(row: Any) -> SafeString:
    """One line about a found record: what it is, what became of it, when."""
    return hits.hit(row)


@register.filter
def named(key: str, names: Mapping[str, str]) -> str:
    """What people call it; the key itself where nobody does."""
    return names.get(key) or key

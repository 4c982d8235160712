"""The pages of the machinery: cursors, webhook registrations, workers."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column
from connectors.console.health import is_ailing
from connectors.console.scoping import by_account, by_account_or_organization, for_all
from connectors.console.status import beat_of
from connectors.models import (
    Heartbeat,
    RegistrationState,
    SyncCursor,
    WebhookRegistration,
)


class SyncCursorAdmin(MirrorAdmin):
    scope = staticmethod(by_account_or_organization())
    list_note = "How far each poll has read. It moves only with what it read."
    list_filter = (filters.CursorNeedFilter,)
    list_display = ("name", "read_to", "polled", "rows_read", "rows_changed")
    list_select_related = ("account", "organization")

    @column("Read to", order="watermark")
    def read_to(self, row: SyncCursor) -> SafeString | str:
        return markup.when(row.watermark)

    @column("Last poll", order="polled_at")
    def polled(self, row: SyncCursor) -> SafeString | str:
        return markup.when(row.polled_at)


class WebhookRegistrationAdmin(MirrorAdmin):
    scope = staticmethod(by_account())
    exclude = ("token", "secrets")
    list_note = (
        "What ShipHero was asked to tell us. Address and secret are not shown. An "
        "account's page has the buttons to check and to rotate its registrations."
    )
    list_filter = ("state", "type_name", filters.AccountFilter)
    list_display = ("type_name", "account", "standing", "received", "refused")
    list_select_related = ("account",)

    @column("State", order="state")
    def standing(self, row: WebhookRegistration) -> SafeString:
        if not row.is_enabled:
            return markup.tone_html("bad", "Disabled by ShipHero")
        if row.state == RegistrationState.ACTIVE and is_ailing(row):
            return markup.tone_html("warn", f"Active, {row.health.lower()}")
        return markup.chip_html(row.state, row.get_state_display())

    @column("Last received", order="last_received_at")
    def received(self, row: WebhookRegistration) -> SafeString | str:
        return markup.when(row.last_received_at)

    @column("Refused")
    def refused(self, row: WebhookRegistration) -> int:
        return row.refused_count


class HeartbeatAdmin(MirrorAdmin):
    scope = staticmethod(for_all)
    list_note = "One row per host that runs “manage.py work”."
    list_display = ("host", "standing", "beat", "restarts", "last_restart_reason")

    @column("State")
    def standing(self, row: Heartbeat) -> SafeString:
        tone, word = beat_of(row, now())
        return markup.tone_html(tone, word)

    @column("Last sign of life", order="beat_at")
    def beat(self, row: Heartbeat) -> SafeString | str:
        return markup.when(row.beat_at)

"""No mail is lost: it stands with what it tells of, until a server takes it."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from connectors import muting, watch
from connectors.casework import Cause
from connectors.models import Heartbeat
from connectors.outgoing import OutgoingMail
from connectors.sync import alerts
from tests.factories.accounts import UserFactory
from tests.factories.connectors import HeartbeatFactory

pytestmark = pytest.mark.django_db
ANA = "ana@example.test"


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    def run(deed):
        with django_capture_on_commit_callbacks(execute=True):
            return deed()

    return run


@pytest.fixture
def server(monkeypatch):
    """A mail server that can be taken away: `server["trouble"]` is what it raises."""
    state = {"trouble": None}
    send = mail.EmailMessage.send

    def sent(message, *args, **kwargs):
        if state["trouble"] is not None:
            raise state["trouble"]
        return send(message, *args, **kwargs)

    monkeypatch.setattr(mail.EmailMessage, "send", sent)
    return state


def tell():
    alerts.deliver("News", "Words", ANA)


class TestAServerThatIsAway:
    @pytest.mark.parametrize(
        "trouble",
        [
            SMTPServerDisconnected("away"),
            ConnectionRefusedError(),
            TimeoutError(),
            SMTPRecipientsRefused({ANA: (550, b"no")}),
        ],
    )
    def test_gets_the_mail_when_it_is_back(
        self, committed, server, mailoutbox, trouble
    ):
        server["trouble"] = trouble
        committed(tell)
        assert mailoutbox == []

        server["trouble"] = None
        assert alerts.post_due(now=now()) == 0  # its pause holds
        assert alerts.post_due(now=now() + timedelta(minutes=2)) == 1
        assert [one.to for one in mailoutbox] == [[ANA]]
        assert alerts.post_due(now=now() + timedelta(hours=2)) == 0

    def test_is_asked_less_and_less_often_and_given_up_after_days(
        self, committed, server
    ):
        server["trouble"] = ConnectionRefusedError()
        committed(tell)
        start, at = now(), now()
        while not OutgoingMail.objects.get().given_up_at:
            at += timedelta(minutes=1)
            alerts.post_due(now=at)

        row = OutgoingMail.objects.get()
        assert at - start == pytest.approx(alerts.GIVE_UP_AFTER, abs=timedelta(hours=2))
        assert row.tries < 80
        assert row.trouble == "ConnectionRefusedError"

    def test_is_told_to_the_person_whose_mail_waits(self, committed, server):
        server["trouble"] = ConnectionRefusedError()
        committed(tell)
        client = Client()
        client.force_login(UserFactory(role="operator", email=ANA))

        page = client.get(reverse("admin:mail")).text

        assert "The mail server does not take mail" in page


def test_a_mail_of_what_was_undone_is_never_sent(committed, mailoutbox):
    def undone():
        with transaction.atomic():
            tell()
            transaction.set_rollback(True)

    committed(undone)

    assert OutgoingMail.objects.count() == 0
    assert mailoutbox == []


def test_of_two_processes_one_sends(mailoutbox):
    tell()
    mine, theirs = OutgoingMail.objects.get(), OutgoingMail.objects.get()

    assert alerts._post(mine, now())
    assert not alerts._post(theirs, now())
    assert len(mailoutbox) == 1


def test_the_web_process_sends_what_the_workers_could_not(
    committed, server, mailoutbox, settings, monkeypatch
):
    monkeypatch.setattr(watch, "close_old_connections", lambda: None)
    settings.ADMINS = [("Ops", "ops@example.test")]
    HeartbeatFactory(beat_at=now() - timedelta(minutes=5))
    server["trouble"] = ConnectionRefusedError()
    committed(watch.look)
    assert Heartbeat.objects.get().alerted_at is not None

    server["trouble"] = None
    OutgoingMail.objects.update(not_before=now())
    committed(watch.look)

    assert "is silent" in mailoutbox[0].subject


class TestTheLinkInAMail:
    @pytest.fixture
    def cause(self):
        return Cause.objects.create(
            fingerprint="f",
            code="sku.unknown",
            title="No <b>SKU</b>",
            error_kind="mapping",
            category="sku",
            owner="ops",
            first_seen_at=now(),
            last_seen_at=now(),
        )

    def link(self, cause, person):
        return reverse("mute_by_link", args=[muting.sign(person.pk, cause.pk)])

    def test_asks_by_get_and_does_it_by_one_click_without_signing_in(self, cause):
        person = UserFactory()
        client = Client(enforce_csrf_checks=True)
        address = self.link(cause, person)

        page = client.get(address).text
        assert "No &lt;b&gt;SKU&lt;/b&gt;" in page
        assert not cause.muted_by.exists()

        client.post(address, {"List-Unsubscribe": "One-Click"})
        assert list(cause.muted_by.all()) == [person]

        client.post(address, {"muted": "0"})
        assert not cause.muted_by.exists()

    @pytest.mark.parametrize("bad", ["x", "W1sxLDFdXQ:1:2", "a" * 300])
    def test_that_somebody_made_up_is_not_found(self, bad):
        assert Client().post(f"/mail/mute/{bad}/").status_code == 404

    def test_is_too_old_after_a_season(self, cause, monkeypatch):
        person = UserFactory()
        address = self.link(cause, person)
        monkeypatch.setattr(muting, "VALID", timedelta(seconds=-1))

        assert Client().post(address).status_code == 404
        assert not cause.muted_by.exists()

    def test_of_somebody_who_has_left_does_nothing(self, cause):
        person = UserFactory(is_active=False)

        assert Client().post(self.link(cause, person)).status_code == 404

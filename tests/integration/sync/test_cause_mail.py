"""One mail when a cause is new, one when it is gone; quiet hours, digest, muting."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from connectors import watch
from connectors.casework import Cause, MailChoice
from connectors.models import FailedPayload
from connectors.sync import cause_mail, causes
from tests.factories import accounts
from tests.factories import connectors as rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(django_capture_on_commit_callbacks):
    def due(at=None):
        with django_capture_on_commit_callbacks(execute=True):
            return cause_mail.send_due(now=at or now())

    return due


@pytest.fixture
def person():
    someone = accounts.UserFactory(role="operator", email="ana@example.test")
    MailChoice.objects.create(user=someone, told_until=now() - timedelta(hours=1))
    return someone


def fail(code="address.zip_missing", reason="No postal code."):
    """A failure with its cause, as the workshop writes them."""
    failure = rows.FailedPayloadFactory(code=code, reason=reason)
    key = causes.fingerprint(failure.job, code, reason)
    FailedPayload.objects.filter(pk=failure.pk).update(fingerprint=key)
    causes.note(
        failure.job,
        code=code,
        reason=reason,
        error_kind="invalid",
        category="address",
        owner="sales",
        now=now(),
    )
    return failure


def solve(failure):
    FailedPayload.objects.filter(pk=failure.pk).update(closed_at=now())


def to_ana(mailoutbox):
    return [mail.subject for mail in mailoutbox if mail.to == ["ana@example.test"]]


def test_a_new_cause_is_mailed_once(send, person, mailoutbox, settings):
    settings.ADMINS = [("Ops", "ops@example.test")]
    fail()

    send()
    send(now() + timedelta(seconds=30))

    assert to_ana(mailoutbox) == ["ShipSync: No postal code."]
    assert len(mailoutbox) == 2  # the administrators' and Ana's
    told = mailoutbox[-1]
    link = told.extra_headers["List-Unsubscribe"].strip("<>")
    assert f"No more mail to me about it: {link}" in told.body
    assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    Client().post(link)
    assert Cause.objects.get().muted_by.get() == person


def test_what_is_gone_is_told_and_news_again_when_it_is_back(send, person, mailoutbox):
    failure = fail()
    send()
    solve(failure)
    send(now() + timedelta(minutes=1))
    again = fail()
    FailedPayload.objects.filter(pk=again.pk).update(
        fingerprint=Cause.objects.first().fingerprint
    )
    Cause.objects.update(recovered_at=None, mailed_at=None)
    send(now() + timedelta(minutes=2))

    assert to_ana(mailoutbox)[:2] == [
        "ShipSync: No postal code.",
        "ShipSync: recovered: No postal code.",
    ]
    assert len(to_ana(mailoutbox)) == 3


def test_a_cause_that_comes_back_is_told_to_be_news():
    failure = fail()
    Cause.objects.update(mailed_at=now(), recovered_at=now())

    causes.note(
        failure.job,
        code=failure.code,
        reason=failure.reason,
        error_kind="invalid",
        category="address",
        owner="sales",
        now=now(),
    )

    cause = Cause.objects.get()
    assert (cause.mailed_at, cause.recovered_at) == (None, None)


def test_quiet_hours_keep_it_for_later(send, person, mailoutbox):
    moment = now().replace(hour=23, minute=0)
    MailChoice.objects.update(
        quiet_from=time(22), quiet_until=time(6), told_until=moment - timedelta(hours=2)
    )
    fail()

    send(moment)
    assert to_ana(mailoutbox) == []
    send(moment + timedelta(hours=8))
    assert to_ana(mailoutbox) == ["ShipSync: No postal code."]


def test_a_muted_cause_is_not_mailed(send, person, mailoutbox):
    fail()
    Cause.objects.get().muted_by.add(person)

    send()

    assert to_ana(mailoutbox) == []


def test_causes_of_other_accounts_are_not_mailed(send, person, mailoutbox):
    accounts.AccountAccessFactory(user=person)
    fail()

    send()

    assert to_ana(mailoutbox) == []


def test_only_the_owners_that_were_chosen(send, person, mailoutbox):
    MailChoice.objects.update(owners=["integrator"])
    fail()

    send()

    assert to_ana(mailoutbox) == []


def test_a_digest_comes_at_the_change_of_shift(send, person, mailoutbox):
    moment = now().replace(hour=7, minute=0)
    MailChoice.objects.update(
        new_causes=False, digest_at=["06:00"], digest_sent_at=moment - timedelta(days=1)
    )
    fail()

    send(moment)
    send(moment + timedelta(minutes=1))

    assert to_ana(mailoutbox) == ["ShipSync: what stands open"]
    assert "1  No postal code." in mailoutbox[-1].body


def test_a_line_break_in_a_reason_does_not_break_the_subject(send, person, mailoutbox):
    fail(reason="No postal\r\nBcc: evil@example.test")

    send()

    assert to_ana(mailoutbox) == ["ShipSync: No postal Bcc: evil@example.test"]


def test_the_web_process_mails_a_silent_worker_once(
    mailoutbox, settings, django_capture_on_commit_callbacks, monkeypatch
):
    settings.ADMINS = [("Ops", "ops@example.test")]
    monkeypatch.setattr(watch, "close_old_connections", lambda: None)
    rows.HeartbeatFactory(beat_at=now() - timedelta(minutes=5))

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            watch.look()

    assert len(mailoutbox) == 1
    assert "is silent" in mailoutbox[0].subject

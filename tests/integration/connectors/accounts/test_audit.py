import pytest

from connectors.accounts import audit
from connectors.accounts.models import AppendOnlyError, Audit
from tests.factories.accounts import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestRecord:
    def test_keeps_who_did_what_to_what(self, clock):
        account, user = AccountFactory.create(), UserFactory.create(username="dana")

        audit.record(
            action="pause_account",
            actor=user,
            subject=account,
            account=account,
            now=clock.now,
            before={"paused": False},
            after={"paused": True, "token": "abc"},
            note="Recount.",
        )

        entry = Audit.objects.get()
        assert (entry.actor_name, entry.actor_id) == ("dana", user.pk)
        assert (entry.object_type, entry.object_label) == (
            "accounts.account",
            account.name,
        )
        assert entry.after == {"paused": True, "token": "[secret]"}

    def test_the_system_signs_with_its_name(self, clock):
        assert (
            audit.record(action="pause_account", now=clock.now).actor_name == "ShipSync"
        )

    def test_outlives_its_actor(self, clock):
        user = UserFactory.create(username="dana")
        audit.record(action="pause_account", actor=user, now=clock.now)

        user.delete()

        assert Audit.objects.get().actor_name == "dana"


class TestAppendOnly:
    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda entry: entry.save(), id="save"),
            pytest.param(lambda entry: entry.delete(), id="delete"),
            pytest.param(lambda _: Audit.objects.update(note="x"), id="update"),
            pytest.param(lambda _: Audit.objects.all().delete(), id="delete all"),
        ],
    )
    def test_refuses_every_change(self, change, clock):
        entry = audit.record(action="pause_account", now=clock.now)

        with pytest.raises(AppendOnlyError):
            change(entry)

        assert Audit.objects.get().note == ""

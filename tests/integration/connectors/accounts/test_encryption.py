import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection

from connectors.accounts.models import Credential
from connectors.errors import AuthError
from tests.factories.accounts import CredentialFactory

pytestmark = pytest.mark.django_db

SECRETS = {"refresh_token": "hunter2"}


def stored(credential: Credential) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT secrets FROM accounts_credential WHERE id = %s", [credential.pk]
        )
        return str(cursor.fetchone()[0])


class TestEncryptedJSONField:
    def test_is_plain_in_python_and_sealed_elsewhere(self):
        row = CredentialFactory.create(secrets=SECRETS)

        assert Credential.objects.get().secrets == SECRETS
        assert "hunter2" not in stored(row)
        assert "hunter2" not in serializers.serialize("json", [row])

    def test_cannot_be_searched(self):
        with pytest.raises(FieldError):
            Credential.objects.filter(secrets=SECRETS).exists()


class TestWithoutTheKey:
    def test_rows_can_be_listed_and_saved_without_loss_but_not_used(self, settings):
        keys = settings.SHIPSYNC_ENCRYPTION_KEYS
        row = CredentialFactory.create(secrets=SECRETS)
        settings.SHIPSYNC_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        loaded = Credential.objects.get()
        with pytest.raises(AuthError, match="SHIPSYNC_ENCRYPTION_KEYS"):
            loaded.secrets["refresh_token"]
        loaded.name = "renamed"
        loaded.save()

        settings.SHIPSYNC_ENCRYPTION_KEYS = keys
        row.refresh_from_db()
        assert (row.name, row.secrets) == ("renamed", SECRETS)


class TestRotateEncryptionKey:
    def test_seals_everything_with_the_newest_key(self, settings, capsys):
        row = CredentialFactory.create(secrets=SECRETS, token={"value": "abc"})
        new = Fernet.generate_key().decode()
        settings.SHIPSYNC_ENCRYPTION_KEYS = [new, *settings.SHIPSYNC_ENCRYPTION_KEYS]

        call_command("rotate_encryption_key")

        settings.SHIPSYNC_ENCRYPTION_KEYS = [new]
        row.refresh_from_db()
        assert (row.secrets, row.token) == (SECRETS, {"value": "abc"})
        assert "hunter2" not in capsys.readouterr().out

    def test_names_what_no_key_fits_and_fails(self, settings):
        row = CredentialFactory.create(name="lost one", secrets=SECRETS)
        before = stored(row)
        settings.SHIPSYNC_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(CommandError, match="lost one"):
            call_command("rotate_encryption_key")

        assert stored(row) == before

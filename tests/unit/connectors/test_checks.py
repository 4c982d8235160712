import pytest
from cryptography.fernet import Fernet

from connectors.checks import check_settings, check_static_files


def ids() -> set[str]:
    return {str(found.id) for found in check_settings()}


@pytest.fixture
def engine(settings, monkeypatch):
    """Says another database engine; overriding DATABASES itself is not allowed."""
    database = settings.DATABASES["default"]
    return lambda name: monkeypatch.setitem(
        database, "ENGINE", f"django.db.backends.{name}"
    )


@pytest.fixture
def production(settings, engine):
    """Settings of a sound production host, for a test to spoil."""
    settings.SHIPSYNC_ENV = "production"
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.SHIPSYNC_SANDBOX = False
    settings.ALLOWED_HOSTS = ["shipsync.example.com"]
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example.com"
    settings.SHIPSYNC_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.SHIPSYNC_ALERT_EMAILS = ["ops@example.com"]
    engine("postgresql")
    return settings


class TestCheckSettings:
    def test_development_out_of_the_box_is_sound(self):
        assert ids() == set()

    def test_a_whole_production_environment_is_sound(self, production):
        assert ids() == set()

    @pytest.mark.parametrize(
        ("name", "value", "found"),
        [
            ("SHIPSYNC_ENV", "prod", "E001"),
            ("DEBUG", True, "E002"),
            ("SECRET_KEY", "", "E003"),
            ("SHIPSYNC_ENCRYPTION_KEYS", [], "E004"),
            ("SHIPSYNC_ENCRYPTION_KEYS", ["short"], "E005"),
            ("SHIPSYNC_ENCRYPTION_KEYS", ["ä" * 44], "E005"),
            ("SHIPSYNC_TIME_SCALE", 0.5, "E006"),
            ("SHIPSYNC_TIME_SCALE", float("nan"), "E006"),
            ("SHIPSYNC_TIME_SCALE", 60.0, "E007"),
            ("SHIPSYNC_SHIPHERO_TIME_ZONE", "Mars/Base", "E016"),
            ("SHIPSYNC_SHIPHERO_TIME_ZONE", "../etc", "E016"),
            ("SHIPSYNC_BASE_URL", "shipsync.example.com", "E010"),
            ("SHIPSYNC_BASE_URL", "", "E011"),
            ("SHIPSYNC_BASE_URL", "http://shipsync.example.com", "E011"),
            ("Q_CLUSTER", {"retry": 60, "timeout": 60}, "E012"),
            ("SHIPSYNC_WORKERS", 0, "E013"),
            ("SHIPSYNC_MAX_WEBHOOK_BYTES", 10, "E015"),
            ("SHIPSYNC_ALERT_EMAILS", [], "W002"),
        ],
    )
    def test_names_what_is_wrong(self, name, value, found, production):
        setattr(production, name, value)

        assert ids() == {f"shipsync.{found}"}

    def test_warns_of_sqlite(self, production, engine):
        engine("sqlite3")

        assert ids() == {"shipsync.W001"}

    def test_each_finding_says_what_to_do(self, production):
        production.SHIPSYNC_ENCRYPTION_KEYS = []
        production.SHIPSYNC_BASE_URL = ""
        production.SHIPSYNC_TIME_SCALE = 2.0

        assert all(found.hint for found in check_settings())

    def test_the_sandbox_does_not_belong_into_production(self, production):
        production.SHIPSYNC_SANDBOX = True

        assert ids() == {"shipsync.E008", "shipsync.E009"}

    def test_the_sandbox_stays_on_this_machine(self, settings):
        settings.SHIPSYNC_SANDBOX = True
        settings.SHIPSYNC_TIME_SCALE = 60.0
        settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
        assert ids() == set()

        settings.ALLOWED_HOSTS = ["*"]
        assert ids() == {"shipsync.E009"}


class TestCheckStaticFiles:
    def test_production_needs_them_collected(self, production, tmp_path):
        production.STATIC_ROOT = tmp_path
        assert [str(found.id) for found in check_static_files()] == ["shipsync.E014"]

        (tmp_path / "staticfiles.json").write_text("{}")
        assert check_static_files() == []

"""What the site does around every door."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin

from shipsync_site.keys import local_key
from shipsync_site.proxy import client_address
from tests.factories.accounts import UserFactory

ROOT = Path(__file__).resolve().parent.parent.parent


class TestLocalKey:
    def test_is_made_once_for_all_who_start_together(self, tmp_path):
        path = tmp_path / "new" / "key"
        made = iter(range(100))

        with ThreadPoolExecutor(8) as pool:
            keys = set(
                pool.map(
                    lambda _: local_key(path, make=lambda: f"key {next(made)}"),
                    range(8),
                )
            )

        assert keys == {path.read_text()}
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(path.parent.iterdir()) == [path]


class TestClientAddress:
    @pytest.mark.parametrize(
        ("forwarded", "address"),
        [
            ("", "10.0.0.1"),
            ("203.0.113.9", "203.0.113.9"),
            ("1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ],
    )
    def test_believes_our_proxy_and_not_the_client(self, forwarded, address, rf):
        request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)

        assert client_address(request) == address


class TestSettings:
    def run(self, tmp_path: Path, *command: str, **environment: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "SHIPSYNC_READ_DOT_ENV": "0",
                "SHIPSYNC_DATA_DIR": str(tmp_path),
            }
            | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    def test_a_fresh_clone_passes_its_checks(self, tmp_path):
        assert "no issues" in self.run(tmp_path, "check")

    def test_production_makes_no_key_of_its_own(self, tmp_path):
        output = self.run(tmp_path, "check", SHIPSYNC_ENV="production")

        assert {"shipsync.E003", "shipsync.E004", "shipsync.E011"} <= set(
            output.replace("(", " ").replace(")", " ").split()
        )
        assert not (tmp_path / "secret_key").exists()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SHIPSYNC_WORKERS", "many"),
            ("SHIPSYNC_TIME_SCALE", "fast"),
            ("SHIPSYNC_SANDBOX", "perhaps"),
            ("SHIPSYNC_LOG_LEVEL", "loud"),
            ("SHIPSYNC_DATA_DIR", "/dev/null/folder"),
            ("DATABASE_URL", "a-host-only"),
            ("DATABASE_URL", "postgres://user:word@host:port/name"),
            ("EMAIL_URL", "a-host-only"),
        ],
    )
    def test_a_value_that_cannot_be_read_is_named(self, name, value, tmp_path):
        output = self.run(tmp_path, "check", **{name: value})

        assert f"{name} " in output
        assert "Traceback" not in output


@pytest.mark.django_db
class TestSite:
    def test_says_that_it_is_alive(self, client):
        assert client.get("/healthz").content == b"ok\n"

    def test_sends_a_policy_without_inline_anything(self, client):
        policy = client.get("/admin/login/").headers["Content-Security-Policy"]

        assert "default-src 'self'" in policy
        assert "unsafe" not in policy

    def test_locks_a_name_and_address_after_five_wrong_passwords(self, client):
        user = UserFactory.create(username="dana", is_superuser=True)
        user.set_password("right-password")
        user.save()
        form = {"username": "dana", "password": "wrong"}
        for _try in range(5):
            client.post("/admin/login/", form)

        answer = client.post("/admin/login/", form | {"password": "right-password"})

        assert answer.status_code == 429
        assert "_auth_user_id" not in client.session

    def test_hides_the_queue_s_own_pages(self):
        models = list(apps.get_app_config("django_q").get_models())

        assert models
        assert not [model for model in models if admin.site.is_registered(model)]

    def test_keeps_the_schema_from_strangers(self, client):
        assert client.get("/api/schema/").status_code == 401

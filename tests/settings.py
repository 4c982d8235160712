"""The product's settings on a folder of their own, deaf to the surroundings.

DATABASE_URL alone is taken over, to run the same tests on PostgreSQL.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for _name in list(os.environ):
    if _name.startswith("SHIPSYNC_") or _name in {"DEBUG", "SECRET_KEY", "EMAIL_URL"}:
        del os.environ[_name]

_folder = tempfile.mkdtemp(prefix="shipsync-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
(Path(_folder) / "static").mkdir()  # whitenoise warns of its absence
os.environ["SHIPSYNC_READ_DOT_ENV"] = "0"
os.environ["SHIPSYNC_DATA_DIR"] = _folder

from shipsync_site.settings import *  # noqa: E402, F403
from shipsync_site.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# A name per process, so that two runs on one machine do not share a database. SQLite
# gets a file: an in-memory database has other locks than the product's.
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["TEST"] = {"NAME": str(Path(_folder) / "test.sqlite3")}
    _database["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )
else:
    _database["TEST"] = {"NAME": f"test_shipsync_{os.getpid()}"}

# Clocks are moved by hours in a test; those of sessions say so where it matters.
SHIPSYNC_IDLE_MINUTES = 0

# Each client of a test begins the middleware anew: static files are looked for when
# they are asked for, not all of them each time.
WHITENOISE_AUTOREFRESH = True

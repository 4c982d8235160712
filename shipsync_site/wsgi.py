"""The WSGI entry point, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shipsync_site.settings")

application = get_wsgi_application()

# After the apps are ready: the watch reads their tables.
from connectors import watch  # noqa: E402

watch.start()

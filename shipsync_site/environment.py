"""Reading settings from the environment, with a clear word when one cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_YES = {"1", "true", "yes", "on", "y", "ok"}
_NO = {"0", "false", "no", "off", "n", ""}


class Environment(environ.Env):
    """django-environ, but a value of the wrong kind names its setting.

    A switch that is neither on nor off is an error instead of off.
    """

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        raw = self.ENVIRON.get(var)
        cast = args[0] if args else kwargs.get("cast")
        if cast is bool and raw is not None and raw.lower() not in _YES | _NO:
            raise ImproperlyConfigured(f"{var} must be True or False, not {raw!r}.")
        try:
            return super().get_value(var, *args, **kwargs)
        except (ValueError, TypeError) as error:
            raise ImproperlyConfigured(
                f"{var} cannot be read: {raw!r} is not of the right kind."
            ) from error

    def db_url(self, var: str, **kwargs: Any) -> dict[str, Any]:
        """Never repeats the value: it holds a password."""
        like = "postgres://user:password@host:5432/name or sqlite:////path/to/file"
        with _address(var, like):
            found = dict(super().db_url(var, **kwargs))
            if not found.get("ENGINE"):
                raise ValueError("no scheme that is known")
        return found

    def email_url(self, var: str, **kwargs: Any) -> dict[str, Any]:
        """Never repeats the value: it holds a password."""
        like = "smtp+tls://user:password@host:587 or consolemail://"
        with _address(var, like):
            return dict(super().email_url(var, **kwargs))

    def log_level(self, var: str, *, default: str) -> str:
        level = str(self.str(var, default=default)).upper()
        if level not in LOG_LEVELS:
            raise ImproperlyConfigured(
                f"{var} must be one of {', '.join(LOG_LEVELS)}, not {level!r}."
            )
        return level


@contextmanager
def _address(var: str, like: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            f"{var} cannot be read. It looks like {like}."
        ) from error

"""Reading settings from the environment, with a clear word when one cannot be read."""

from __future__ import annotations

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

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

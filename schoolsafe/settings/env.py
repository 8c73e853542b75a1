"""How settings are read from the environment: plain variables, or files named by `…_FILE` (container secrets)."""

import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def secret(name: str, default: str = "") -> str:
    """The variable `name`, or the contents of the file that `name_FILE` points to, or `default`."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error


def database(variable: str, *, statement_timeout: int, idle_timeout: int) -> dict[str, Any]:
    """Django's description of the PostgreSQL database named by the URL in `variable`.

    `?host=/folder` in the URL is a Unix socket. A password may come from `variable` with `_URL` replaced by
    `_PASSWORD` (or `_PASSWORD_FILE`). Timeouts are in seconds; 0 means none.
    """
    url = secret(variable)
    if not url:
        raise ImproperlyConfigured(f"{variable} is not set. Start with script/run, or set it: see .env.example.")
    description: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if description["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{variable} must name a PostgreSQL database.")
    options = description.pop("OPTIONS", {})
    description["HOST"] = options.pop("host", description.get("HOST", ""))
    description["PASSWORD"] = secret(variable.replace("_URL", "_PASSWORD"), description.get("PASSWORD", ""))
    options["options"] = (
        f"-c statement_timeout={statement_timeout}s -c idle_in_transaction_session_timeout={idle_timeout}s"
        " -c jit=off"  # every statement here is short: compiling one costs more than running it
    )
    options.setdefault("connect_timeout", 5)
    description |= {"OPTIONS": options, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    return description

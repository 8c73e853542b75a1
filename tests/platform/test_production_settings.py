"""Production's settings, asserted one by one; what is missing or unsafe stops the start."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as test_settings

ROOT = test_settings.BASE_DIR
SAFE = {
    "DJANGO_SETTINGS_MODULE": "schoolsafe.settings.production",
    "SECRET_KEY": "abcdefghijklmnopqrst-0123456789" * 2,
    "SEAL_KEYS": "cHJvZHVjdGlvbi10ZXN0LW9ubHktbmV2ZXItcmVhbC4=",
    "ALLOWED_HOSTS": "school.example",
    "DATABASE_URL": "postgres://schoolsafe_app@/schoolsafe?host=/nonexistent",
    "PATH": os.environ["PATH"],
}
DUMP = """
import json
import django
from django.conf import settings
django.setup()
names = [name for name in dir(settings) if name.isupper()]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh Python with exactly this environment."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """Every production setting."""
    done = python("-c", DUMP, **SAFE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", False),
        ("ALLOWED_HOSTS", ["school.example"]),
        ("SECURE_SSL_REDIRECT", True),
        ("SECURE_HSTS_SECONDS", 31_536_000),
        ("SECURE_HSTS_INCLUDE_SUBDOMAINS", True),
        ("SECURE_PROXY_SSL_HEADER", ["HTTP_X_FORWARDED_PROTO", "https"]),
        ("SECURE_CONTENT_TYPE_NOSNIFF", True),
        ("SECURE_CROSS_ORIGIN_OPENER_POLICY", "same-origin"),
        ("SECURE_REFERRER_POLICY", "same-origin"),
        ("X_FRAME_OPTIONS", "DENY"),
        ("SESSION_COOKIE_NAME", "__Host-session"),
        ("SESSION_COOKIE_SECURE", True),
        ("SESSION_COOKIE_HTTPONLY", True),
        ("SESSION_COOKIE_SAMESITE", "Lax"),
        ("SESSION_COOKIE_PATH", "/"),
        ("SESSION_COOKIE_DOMAIN", None),
        ("SESSION_COOKIE_AGE", 36_000),
        ("CSRF_COOKIE_NAME", "__Host-csrf"),
        ("CSRF_COOKIE_SECURE", True),
        ("CSRF_COOKIE_HTTPONLY", True),
        ("CSRF_COOKIE_PATH", "/"),
        ("CSRF_COOKIE_DOMAIN", None),
        ("DATA_UPLOAD_MAX_MEMORY_SIZE", 2_621_440),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", 1_000),
        ("DATA_UPLOAD_MAX_NUMBER_FILES", 5),
        ("FILE_UPLOAD_PERMISSIONS", 0o600),
        ("SILENCED_SYSTEM_CHECKS", []),
        ("AUTH_USER_MODEL", "people.User"),
        ("MESSAGE_STORAGE", "django.contrib.messages.storage.session.SessionStorage"),
        ("MFA_DEMANDED", True),
        ("MFA_SUPPORTED_TYPES", ["totp", "webauthn", "recovery_codes"]),
        ("MFA_TOTP_TOLERANCE", 0),
        ("MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", False),
        ("ALLAUTH_TRUSTED_PROXY_COUNT", 1),
        ("USE_TZ", True),
        ("TIME_ZONE", "Europe/London"),
        ("LANGUAGE_CODE", "en-gb"),
        ("ADMINS", []),
        ("CELERY_TASK_SERIALIZER", "json"),
        ("CELERY_ACCEPT_CONTENT", ["json"]),
        ("CELERY_TASK_ACKS_LATE", True),
        ("CELERY_TASK_PUBLISH_RETRY", False),
    ],
)
def test_production_setting_as_promised(production: dict[str, Any], name: str, value: Any) -> None:
    """Security 5.0: one setting, one promise."""
    assert production[name] == value


def test_secret_key_long(production: dict[str, Any]) -> None:
    assert len(production["SECRET_KEY"]) >= 50


def test_passwords_argon2_first(production: dict[str, Any]) -> None:
    assert production["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
    assert not any("MD5" in hasher for hasher in production["PASSWORD_HASHERS"])


def test_database_gives_up_and_checks_its_connections(production: dict[str, Any]) -> None:
    """Security 5.0: no statement over ten seconds, no forgotten transaction over fifteen, dead connections noticed."""
    database = production["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert database["USER"] == "schoolsafe_app"
    assert database["CONN_HEALTH_CHECKS"] is True
    assert "statement_timeout=10s" in database["OPTIONS"]["options"]
    assert "idle_in_transaction_session_timeout=15s" in database["OPTIONS"]["options"]


def test_content_security_policy_strict(production: dict[str, Any]) -> None:
    """Security 5.6: everything from ourselves, nothing inline, nothing evaluated, no frames."""
    directives = production["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    for directive in ("default-src", "base-uri", "object-src", "frame-ancestors"):
        assert directives[directive] == ["'none'"]
    for directive in ("script-src", "style-src", "connect-src", "font-src", "form-action"):
        assert directives[directive] == ["'self'"]
    assert directives["img-src"] == ["'self'", "data:"]
    assert "unsafe" not in json.dumps(directives)


def test_limits_on_guessing_survive_without_redis(production: dict[str, Any]) -> None:
    """Security 5.7, F06: limits are in the database; they are narrow by account and wide by address."""
    assert production["CACHES"]["default"]["BACKEND"].endswith("DatabaseCache")
    by_address, by_account = production["ACCOUNT_RATE_LIMITS"]["login_failed"].split(",")
    assert by_address == "600/m/ip"
    assert by_account == "10/15m/key"
    assert "core.people.sessions" in production["SESSION_ENGINE"]


def test_production_holds_no_demonstration_no_admin_no_debugging(production: dict[str, Any]) -> None:
    """ASVS 15.2.3; the house's fourth decision, sixth point."""
    for app in production["INSTALLED_APPS"]:
        assert "demo" not in app
        assert "debug" not in app
        assert app != "django.contrib.admin"


def test_login_needed_by_default(production: dict[str, Any]) -> None:
    order = production["MIDDLEWARE"]
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in order
    assert order[0] == "django.middleware.security.SecurityMiddleware"
    assert "django.middleware.csrf.CsrfViewMiddleware" in order


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "at least 50 characters"),
        ({"SECRET_KEY": ""}, "at least 50 characters"),
        ({"SEAL_KEYS": ""}, "SEAL_KEYS"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///x"}, "must name a PostgreSQL database"),
        ({"SECRET_KEY_FILE": "/nonexistent/key"}, "SECRET_KEY_FILE cannot be read"),
    ],
)
def test_production_unsafe_does_not_start(changed: dict[str, str], sentence: str) -> None:
    done = python("-c", DUMP, **(SAFE | changed))
    assert done.returncode != 0
    assert sentence in done.stderr


def test_secrets_come_from_files(tmp_path: Any) -> None:
    """ASVS 13.3: a password and a key need never be in the environment."""
    (tmp_path / "key").write_text("k2" * 40 + "\n")
    (tmp_path / "password").write_text("from a file\n")
    env = {name: value for name, value in SAFE.items() if name != "SECRET_KEY"}
    done = python(
        "-c",
        DUMP,
        **env,
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
    )
    found = json.loads(done.stdout)
    assert found["SECRET_KEY"] == "k2" * 40
    assert found["DATABASES"]["default"]["PASSWORD"] == "from a file"
    assert found["DATABASES"]["default"]["HOST"] == "/nonexistent"


def test_deployment_checks_find_nothing() -> None:
    """Security 5.0: no warning, none silenced."""
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **SAFE)
    assert done.returncode == 0, done.stderr

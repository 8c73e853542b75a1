"""Settings of a real school. Nothing here has a default that would be unsafe: what is missing stops the start."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from schoolsafe.settings.base import *  # noqa: F403
from schoolsafe.settings.base import ALLOWED_HOSTS, BASE_DIR, SEAL_KEYS, SECRET_KEY
from schoolsafe.settings.env import env

DEBUG = False
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY (or the file SECRET_KEY_FILE names) must hold at least 50 characters.")
if not SEAL_KEYS:
    raise ImproperlyConfigured(
        "SEAL_KEYS (or the file SEAL_KEYS_FILE names) must hold a key: manage.py new_seal_key makes one."
    )
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must list the host names of this installation, one by one.")

SITE_ADDRESS = env.str("SITE_ADDRESS", default=f"https://{ALLOWED_HOSTS[0]}")
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(Path(BASE_DIR).parent / "media"))

# The proxy ends TLS and overwrites X-Forwarded-*; there is exactly one unless the environment says otherwise.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True

MFA_DEMANDED = env.bool("MFA_DEMANDED", default=True)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

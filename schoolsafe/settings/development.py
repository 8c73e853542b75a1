"""Settings of one's own machine: what `script/run` starts."""

from schoolsafe.settings.base import *  # noqa: F403
from schoolsafe.settings.base import INSTALLED_APPS
from schoolsafe.settings.env import env, secret

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = secret("SECRET_KEY", "for-development-on-this-machine-only-and-never-for-a-real-school")
SEAL_KEYS = secret("SEAL_KEYS", "ZGV2ZWxvcG1lbnQtb25seS1uZXZlci1yZWFsLWRhdGE=")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [*INSTALLED_APPS, "schoolsafe.demo.apps.DemoConfig"]
DEMONSTRATION = True

# Static files are served as they lie, with no collecting first.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.str("EMAIL_HOST", default="")
    else "django.core.mail.backends.console.EmailBackend"
)

"""Settings of the test run: as development, with a quick password hasher and a postbox in memory."""

import os

from schoolsafe.settings.base import *  # noqa: F403
from schoolsafe.settings.base import DATABASES, INSTALLED_APPS
from schoolsafe.settings.env import secret

SECRET_KEY = "for-the-test-run-only-and-never-for-a-real-school-0123456789"  # noqa: S105
SEAL_KEYS = "dGVzdC1ydW4tb25seS1uZXZlci1yZWFsLWRhdGEtMSE="
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
INSTALLED_APPS = [*INSTALLED_APPS, "schoolsafe.demo.apps.DemoConfig"]
DEMONSTRATION = True
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True

DATABASES["default"]["TEST"] = {"NAME": os.environ.get("SCHOOLSAFE_TEST_DB", "test_schoolsafe")}
DATABASES["default"]["CONN_MAX_AGE"] = 0

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
CELERY_BROKER_URL = secret("REDIS_URL", "memory://")

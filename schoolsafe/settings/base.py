"""Settings that hold everywhere; each environment's module starts from these."""

import os
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF

from schoolsafe.settings.env import database, env, secret

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEBUG = False
SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = [key for key in secret("SECRET_KEY_FALLBACKS").split() if key]
SEAL_KEYS = secret("SEAL_KEYS")  # what the most confidential texts are sealed with: the first seals, all of them open
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
SITE_ADDRESS = env.str("SITE_ADDRESS", default="http://localhost:8000")  # put before the paths in emails

ROOT_URLCONF = "schoolsafe.urls"
WSGI_APPLICATION = "schoolsafe.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "simple_history",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "csp",
    "django_linear_migrations",
    "core.kit.apps.KitConfig",
    "core.audit.apps.AuditConfig",
    "core.people.apps.PeopleConfig",
    "core.notices.apps.NoticesConfig",
    "core.rules.apps.RulesConfig",
    "core.roll.apps.RollConfig",
    "core.approvals.apps.ApprovalsConfig",
    "policies.apps.PoliciesConfig",
    "agreements.apps.AgreementsConfig",
    "visitors.apps.VisitorsConfig",
    "devices.apps.DevicesConfig",
    "incidents.apps.IncidentsConfig",
    "schoolsafe.overview.apps.OverviewConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.kit.middleware.RequestIdMiddleware",
    "core.kit.middleware.DevicePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "core.people.middleware.IdleLockMiddleware",
    "core.people.middleware.DeskScopeMiddleware",
    "core.people.middleware.MfaRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.kit.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "schoolsafe.overview.navigation.navigation",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- The database. The web process gives up on a statement after ten seconds; long jobs set their own limit. ---------
APP_DB_ROLE = env.str("APP_DB_ROLE", default="schoolsafe_app")
DATABASES = {
    "default": database(
        "DATABASE_URL",
        statement_timeout=env.int("STATEMENT_TIMEOUT", default=10),
        idle_timeout=env.int("IDLE_IN_TRANSACTION_TIMEOUT", default=15),
    )
}

# Limits on guessing live in the cache, so it is a table: signing in must work when Redis does not.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Signing in -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["core.people.backends.PeopleBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "given_name", "family_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

ACCOUNT_ADAPTER = "core.people.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "core.people.forms.sign_in.SignInForm",
    "reset_password": "core.people.forms.sign_in.ForgottenPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator gives each account its address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A whole school shares one address at half past eight, so the limits by address are wide and those by account narrow.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "600/m/ip,10/15m/key",
    "reset_password": "60/m/ip,5/15m/key",
    "reset_password_from_key": "60/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
MFA_TOTP_ISSUER = "schoolsafe"
MFA_TOTP_TOLERANCE = 0
MFA_ALLOW_UNVERIFIED_EMAIL = True  # see ACCOUNT_EMAIL_VERIFICATION
MFA_DEMANDED = env.bool("MFA_DEMANDED", default=False)  # the default of each school's per-role setting

SESSION_ENGINE = "core.people.sessions"
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
IDLE_LOCK_SECONDS = 20 * 60
IDLE_WARNING_SECONDS = 15 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # never a name in a cookie

# --- What a browser may do --------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# --- Language, time, files --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / ".schoolsafe" / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Email: rows first (the outbox), then this ------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="schoolsafe@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Celery: the doorbell. Every job is a row first, so a bell that does not ring is a delay and never a loss. --------
CELERY_BROKER_URL = secret("REDIS_URL", "redis://localhost:6379/0")
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the worker waits for Redis for as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 5 * 60,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "retry_on_timeout": False,
    "health_check_interval": 25,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SOFT_TIME_LIMIT = 4 * 60  # below the visibility timeout, or a long job would run twice
CELERY_TASK_TIME_LIMIT = 4 * 60 + 30
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
# `expires`: when the worker has been away, one late run is enough.
CELERY_BEAT_SCHEDULE = {
    "notices.deliver_outbox": {
        "task": "core.notices.tasks.deliver_outbox",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "notices.escalate_unacknowledged": {
        "task": "core.notices.tasks.escalate_unacknowledged",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "notices.send_digests.morning": {
        "task": "core.notices.tasks.send_digests",
        "schedule": crontab(hour=7, minute=45),
        "options": {"expires": 3 * 60 * 60},
    },
    "notices.send_digests.afternoon": {
        "task": "core.notices.tasks.send_digests",
        "schedule": crontab(hour=15, minute=30),
        "options": {"expires": 3 * 60 * 60},
    },
    "notices.heartbeat": {
        "task": "core.notices.tasks.heartbeat",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "roll.resume_stale": {
        "task": "core.roll.tasks.resume_stale",
        "schedule": 2 * 60,
        "options": {"expires": 2 * 60},
    },
    "roll.clear_old": {
        "task": "core.roll.tasks.clear_old",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 12 * 60 * 60},
    },
    "approvals.end_what_ran_out": {
        "task": "core.approvals.tasks.end_what_ran_out",
        "schedule": 5 * 60,
        "options": {"expires": 5 * 60},
    },
    "approvals.look_at_the_day": {
        "task": "core.approvals.tasks.look_at_the_day",
        "schedule": crontab(hour=6, minute=40),
        "options": {"expires": 12 * 60 * 60},
    },
    "devices.mark_uncollected": {
        "task": "devices.tasks.mark_uncollected",
        "schedule": 5 * 60,
        "options": {"expires": 5 * 60},
    },
    "devices.send_chase_lists": {
        "task": "devices.tasks.send_chase_lists",
        "schedule": 2 * 60,
        "options": {"expires": 2 * 60},
    },
    "devices.remind_parent_notices": {
        "task": "devices.tasks.remind_parent_notices",
        "schedule": crontab(hour="9-17", minute="5,35"),
        "options": {"expires": 25 * 60},
    },
    "devices.resume_prints": {
        "task": "devices.tasks.resume_prints",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "devices.purge_prints": {
        "task": "devices.tasks.purge_prints",
        "schedule": 15 * 60,
        "options": {"expires": 15 * 60},
    },
    "agreements.resume_documents": {
        "task": "agreements.tasks.resume_documents",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "agreements.resume_batches": {
        "task": "agreements.tasks.resume_batches",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "agreements.resume_runs": {
        "task": "agreements.tasks.resume_runs",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "agreements.purge_runs": {
        "task": "agreements.tasks.purge_runs",
        "schedule": 15 * 60,
        "options": {"expires": 15 * 60},
    },
    "agreements.remind_of_signatures": {
        "task": "agreements.tasks.remind_of_signatures",
        "schedule": crontab(hour="9-17", minute=20),
        "options": {"expires": 50 * 60},
    },
    "agreements.look_at_the_day": {
        "task": "agreements.tasks.look_at_the_day",
        "schedule": crontab(hour=0, minute=10),
        "options": {"expires": 12 * 60 * 60},
    },
    "agreements.run_out_image_consents": {
        "task": "agreements.tasks.run_out_image_consents",
        "schedule": crontab(hour=6, minute=10),
        "options": {"expires": 3 * 60 * 60},
    },
    "incidents.tell_overdue_steps": {
        "task": "incidents.tasks.tell_overdue_steps",
        "schedule": crontab(hour=7, minute=15),
        "options": {"expires": 3 * 60 * 60},
    },
    "incidents.tell_plan_reviews": {
        "task": "incidents.tasks.tell_plan_reviews",
        "schedule": crontab(hour=7, minute=20),
        "options": {"expires": 3 * 60 * 60},
    },
    "incidents.tell_transfers": {
        "task": "incidents.tasks.tell_transfers",
        "schedule": crontab(hour=7, minute=25),
        "options": {"expires": 3 * 60 * 60},
    },
    "incidents.tell_due": {
        "task": "incidents.tasks.tell_due",
        "schedule": crontab(hour="9,12,16,17", minute=10),
        "options": {"expires": 60 * 60},
    },
    "policies.remind_overdue_readers": {
        "task": "policies.tasks.remind_overdue_readers",
        "schedule": crontab(hour=7, minute=5),
        "options": {"expires": 3 * 60 * 60},
    },
    "agreements.look_at_conduct": {
        "task": "agreements.tasks.look_at_conduct",
        "schedule": crontab(hour=6, minute=5),
        "options": {"expires": 12 * 60 * 60},
    },
    "rules.announce_changes": {
        "task": "core.rules.tasks.announce_changes",
        "schedule": crontab(hour=6, minute=30),
        "options": {"expires": 12 * 60 * 60},
    },
}

# --- Logs: one JSON object a line; identifiers and facts, never names, notes or request bodies ------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "schoolsafe.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["out"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["out"], "level": "WARNING", "propagate": False},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}

SILENCED_SYSTEM_CHECKS: list[str] = []

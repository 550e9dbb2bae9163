"""The one settings file. Everything that differs between machines is read from the environment.

A variable that is missing or odd stops the start with a sentence that says which and why; every one of
them is listed with its default in docs/configuration.md.
"""

from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError

BASE_DIR = Path(__file__).resolve().parent.parent

# What the demo and the tests use. Production refuses it.
DEMO_SECRET_KEY = "demo-only-secret-key-that-production-refuses-to-start-with"  # noqa: S105

env = Env(eager=False)
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
DATABASE_URL = env.dj_db_url("DATABASE_URL", conn_max_age=600, conn_health_checks=True)
REDIS_URL = env.str("REDIS_URL")
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
SECURE = env.bool("SECURE", not DEMO)
HSTS_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", True)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
MEDIA_ROOT = env.path("MEDIA_ROOT", BASE_DIR / ".local" / "media")
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / ".local" / "static")
OUTBOX_FOLDER = env.path("OUTBOX_FOLDER", None)
EMAIL = env.dj_email_url("EMAIL_URL", "smtp://127.0.0.1:25")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Obok <portal@obok.example>")
SMSAPI_URL = env.str("SMSAPI_URL", "https://api.smsapi.pl/sms.do")
SMSAPI_TOKEN = env.str("SMSAPI_TOKEN", "")
SMS_SENDER = env.str("SMS_SENDER", "Obok")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
BRAND = {
    "name": env.str("BRAND_NAME", "Obok"),
    "company": env.str("BRAND_COMPANY", "Obok Sp. z o.o."),
    "address": env.str("BRAND_ADDRESS", "ul. Ciepła 1, 00-001 Warszawa"),
    "email": env.str("BRAND_EMAIL", "pomoc@obok.example"),
    "phone": env.str("BRAND_PHONE", "+48 22 123 45 67"),
    "website": env.str("BRAND_WEBSITE", "https://obok.example"),
    "accent": env.str("BRAND_ACCENT", "#0b6e4f"),
}
try:
    env.seal()
except EnvValidationError as error:
    faults = cast(dict[str, list[str]], error.error_messages)
    lines = [f"  {name}: {' '.join(messages)}" for name, messages in faults.items()]
    raise ImproperlyConfigured(
        "The portal cannot start; these environment variables need a look (docs/configuration.md):\n" + "\n".join(lines)
    ) from None

if "EMAIL_BACKEND" not in EMAIL:
    raise ImproperlyConfigured(
        "EMAIL_URL names no kind of mail server. Try submission://user:password@mail.example.com:587"
    )
if not DEMO and SECRET_KEY == DEMO_SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is the demo's, which everybody knows. Make one of your own: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
if SECURE and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL}, but SECURE=true promises https. "
        "Set SITE_URL=https://..., or SECURE=false behind nothing but your own machine."
    )

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": DATABASE_URL}

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "import_export",
    "phonenumber_field",
    "portal",
    "accounts",
    "devices",
    "services",
    "warranty",
    "orders",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.BrowserPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.CustomerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.AdminPolicyMiddleware",
    "portal.middleware.RefusalMiddleware",
    "accounts.signing_in.factors.StaffFactorMiddleware",
    "accounts.viewing.ViewingMiddleware",
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
                "portal.ui.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "portal.ui.templatetags.ui",
            ],
        },
    }
]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "accounts.signing_in.passwords.GoodPassword"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/start/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.signing_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# The registration wizard has confirmed the address before the account exists (docs/decisions).
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
# Django's looks at the person alone; allauth's asks for further addresses, of which nobody has any here.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_FORMS = {
    "login": "accounts.forms.signing_in.SignInForm",
    "reset_password": "accounts.forms.signing_in.ResetForm",
    "reset_password_from_key": "accounts.forms.signing_in.ChosenPasswordForm",
    "reauthenticate": "accounts.forms.signing_in.ConfirmByPasswordForm",
}
# Password, e-mail address and factors are changed by whoever has shown the password or a factor just now.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
# accounts/signing_in/tries.py counts instead: it tells the wait and lets known browsers in (docs/decisions/0015).
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reset_password": None, "reauthenticate": None}
MFA_ADAPTER = "accounts.signing_in.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.signing_in.CodeForm",
    "reauthenticate": "accounts.forms.signing_in.ConfirmByCodeForm",
    "activate_totp": "accounts.forms.signing_in.AppForm",
    "add_webauthn": "accounts.forms.signing_in.PasskeyForm",
    "edit_webauthn": "accounts.forms.signing_in.RenameForm",
    "login_webauthn": "accounts.forms.signing_in.SignInByPasskeyForm",
    "authenticate_webauthn": "accounts.forms.signing_in.ByPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.signing_in.ConfirmByPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = BRAND["name"]
# A code that was shown half a minute ago is taken too: clocks differ, and so do people's hands.
MFA_TOTP_TOLERANCE = 1
# A passkey stands for two factors: the device, and the finger, face or PIN that opens it.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
# The demo's accounts of the office sign in with a password alone (docs/decisions/0015).
STAFF_FACTOR_REQUIRED = not DEMO
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Languages, dates, numbers
LANGUAGE_CODE = "pl"
LANGUAGES = [("pl", "Polski"), ("cs", "Čeština"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Warsaw"
PHONENUMBER_DEFAULT_REGION = "PL"
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.ui.stylesheet.StylesheetFinder",
]
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_HANDLERS = ["portal.files.upload.CappedUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
# A form says itself how many files it takes; this only bounds the work of reading a request.
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# Messages to people
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL["EMAIL_USE_TLS"]
EMAIL_USE_SSL = EMAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Rate limits of sign-in live in the database, so that a page does not need the broker.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # Django's own 300 would throw counters of sign-in away as soon as a few hundred addresses try.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Background work
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_TIMEZONE = TIME_ZONE
# A page must not wait for a broker that is down: one try of at most a second, then the sweeper's turn.
# Measured: without max_retries, kombu tries for 4 to 6 seconds even where publishing is not retried.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry_on_timeout": False,
    "max_retries": 0,
    "interval_start": 0,
}
CELERY_BEAT_SCHEDULER = "portal.health.Scheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # A sweep that nobody took in time is void: the next one does all of its work.
    "sweep-outbox": {
        "task": "portal.outbox.tasks.sweep",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "sweep-warranty": {
        "task": "warranty.tasks.sweep",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "expire-offers": {
        "task": "orders.tasks.expire_offers",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "remind-of-visits": {
        "task": "orders.tasks.remind_of_visits",
        "schedule": 900.0,
        "options": {"expires": 600},
    },
    "remind-of-inspections": {
        "task": "orders.tasks.remind_of_inspections",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "draw-missing-protocols": {
        "task": "orders.tasks.draw_missing_protocols",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "warn-of-certificates": {
        "task": "services.tasks.warn_of_expiry",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "change-addresses": {
        "task": "accounts.tasks.change_addresses",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    # Every hour, so that a beat that was down at midnight does not put it off by a day.
    "tell-ended-access": {
        "task": "accounts.tasks.tell_ended_access",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "forget-sign-ins": {
        "task": "accounts.tasks.forget_sign_ins",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "sweep-exports": {
        "task": "accounts.tasks.sweep_exports",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "forget-last-words": {
        "task": "accounts.tasks.forget_last_words",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "forget-sessions": {
        "task": "portal.tasks.forget_sessions",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "discard-unattached-uploads": {
        "task": "portal.tasks.discard_unattached_uploads",
        "schedule": 3600.0,
    },
    "remove-unconfirmed-registrations": {
        "task": "devices.tasks.remove_unconfirmed_registrations",
        "schedule": 3600.0,
    },
}

# Safety
# What a message says may name people: it stays on the server.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
if SECURE:
    # A browser takes these names only from this very host, by https: no neighbour below the domain can set them.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-session", "__Host-csrf", "__Host-language"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE and HSTS_SUBDOMAINS
# Addresses name things of customers, and some let their bearer in: no other site learns them.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "portal.logs.Formatter", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"weasyprint": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}

UNFOLD = {
    "SITE_TITLE": BRAND["name"],
    "SITE_HEADER": BRAND["name"],
    "DASHBOARD_CALLBACK": "portal.ui.context.staff_dashboard",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "portal.back_office.sidebar"},
    "COLORS": {"primary": "portal.back_office.accent_shades"},
    "STYLES": ["portal.back_office.stylesheet"],
    "SITE_FAVICONS": [{"rel": "icon", "href": "portal.back_office.favicon", "type": "image/svg+xml"}],
}
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

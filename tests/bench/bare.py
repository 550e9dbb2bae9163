"""What our pages are measured against: Django and hardly anything else.

A session, the person who is signed in, one query, 25 rows in a plain
template, a persistent connection. It reads the portal's database.
"""

from pathlib import Path

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.bare_urls"
WSGI_APPLICATION = "tests.bench.bare_wsgi.application"
INSTALLED_APPS = [
    "tests.bench.bare_apps.Account" if app == "allauth.account" else app
    for app in INSTALLED_APPS  # noqa: F405
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/"
SESSION_COOKIE_NAME = "sessionid"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]

"""The Celery application: what runs in the background, and what runs by the clock."""

import os

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("obok")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["portal.outbox"])


@worker_init.connect
def check_start(**kwargs: object) -> None:
    """A worker refuses to start where the web server would."""
    from portal.startup import check

    try:
        check()
    except ImproperlyConfigured as error:
        # Celery logs what a receiver raises and goes on; only this ends it.
        raise SystemExit(str(error)) from None

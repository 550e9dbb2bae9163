"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

from portal.startup import check  # noqa: E402  needs the apps

check()

# What is loaded by now stays as long as the process: the garbage collector need not go through it again and again.
gc.collect()
gc.freeze()

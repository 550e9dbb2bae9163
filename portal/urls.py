"""The addresses of the portal."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import views
from portal.health import health

urlpatterns = [
    path("", views.landing, name="landing"),
    path("start/", views.start, name="start"),
    path("health/", health, name="health"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("", include("portal.files.urls")),
    # Addresses are tried one after the other: those of most pages first.
    path("", include("devices.urls")),
    path("", include("orders.urls")),
    path("", include("warranty.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/", include("portal.demo.urls")),
    ]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"

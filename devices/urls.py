"""The registration, sites and devices."""

from django.urls import path

from devices.views import owner, registration

urlpatterns = [
    path("register/", registration.begin, name="register"),
    path("register/start-over/", registration.start_over, name="register-start-over"),
    path("register/check/", registration.check, name="register-check"),
    path("register/sent/", registration.sent, name="register-sent"),
    path("register/confirm/<str:token>/", registration.confirm, name="register-confirm"),
    path(
        "register/devices/<str:kind>/new/",
        registration.device,
        name="register-device-new",
    ),
    path(
        "register/devices/<str:kind>/<str:item>/",
        registration.device,
        name="register-device",
    ),
    path(
        "register/drop/<str:item>/",
        registration.drop_device,
        name="register-device-drop",
    ),
    path("register/keep/<slug:step>/", registration.autosave, name="register-autosave"),
    path("register/<slug:step>/", registration.step, name="register-step"),
    path("devices/", owner.devices, name="devices"),
    path("devices/new/", owner.new_device_kind, name="device-new"),
    path("devices/new/<str:kind>/", owner.new_device, name="device-new-kind"),
    path("devices/<int:pk>/", owner.device, name="device"),
    path("devices/<int:pk>/change/", owner.change_device, name="device-change"),
    path("devices/<int:pk>/nameplates/", owner.nameplates, name="device-nameplates"),
    path("devices/<int:pk>/sheet.pdf", owner.sheet, name="device-sheet"),
    path("sites/", owner.sites, name="sites"),
    path("sites/new/", owner.new_site, name="site-new"),
    path("sites/<int:pk>/", owner.site, name="site"),
    path("sites/<int:pk>/change/", owner.change_site, name="site-change"),
]

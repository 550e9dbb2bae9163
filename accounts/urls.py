"""Signing in through allauth, the own data, and the partner's first page."""

from allauth.account import views as allauth_views
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts import views
from portal.public import public

urlpatterns = [
    path("sign-in/", public(allauth_views.login), name="account_login"),
    # allauth names this address where it writes to somebody without an account.
    path("sign-up/", public(RedirectView.as_view(pattern_name="register")), name="account_signup"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("password/change/", views.change_password, name="account_change_password"),
    path(
        "password/reset/",
        public(allauth_views.password_reset),
        name="account_reset_password",
    ),
    path(
        "password/reset/sent/",
        public(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    # The key has a dash of its own, so `path` would cut it in the wrong place.
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        public(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("inactive/", public(allauth_views.account_inactive), name="account_inactive"),
    path("language/", views.set_language, name="set-language"),
    path("profile/", views.profile, name="profile"),
    path("partner/", views.partner, name="partner"),
]

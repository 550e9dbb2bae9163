"""Signing in through allauth, the own data, and the partner's first page."""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts.views import (
    access,
    consents,
    email_change,
    erasure,
    exports,
    invitation,
    own,
    phones,
    requests,
    sign_ins,
    signing_in,
    support_view,
)
from accounts.views import partner as partner_views
from portal.public import public

urlpatterns = [
    path("sign-in/", public(allauth_views.login), name="account_login"),
    # allauth names this address where it writes to somebody without an account.
    path("sign-up/", public(RedirectView.as_view(pattern_name="register")), name="account_signup"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("confirm/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", signing_in.confirm_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("sign-in/code/", mfa_views.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", public(signing_in.sign_in_by_passkey), name="mfa_login_webauthn"),
    path("signing-in/", signing_in.overview, name="mfa_index"),
    path("signing-in/app/", totp_views.activate_totp, name="mfa_activate_totp"),
    path("signing-in/app/remove/", signing_in.remove_app, name="mfa_deactivate_totp"),
    path("signing-in/codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("signing-in/codes/new/", recovery_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("signing-in/codes/download/", signing_in.download_codes, name="mfa_download_recovery_codes"),
    path("signing-in/passkeys/new/", passkey_views.add_webauthn, name="mfa_add_webauthn"),
    path("signing-in/passkeys/<int:pk>/", signing_in.rename_passkey, name="mfa_edit_webauthn"),
    path("signing-in/passkeys/<int:pk>/remove/", signing_in.remove_passkey, name="mfa_remove_webauthn"),
    path("password/change/", signing_in.change_password, name="account_change_password"),
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
    path("language/", own.set_language, name="set-language"),
    path("profile/", own.profile, name="profile"),
    path("partner/", partner_views.partner, name="partner"),
    path("customers/", access.customers, name="customers"),
    path("customer/", access.customer, name="customer-data"),
    path("access/", access.access, name="access"),
    path("access/invite/", access.invite, name="access-invite"),
    path("access/leave/", access.leave, name="access-leave"),
    path("access/<int:pk>/", access.change, name="access-change"),
    path("access/<int:pk>/remove/", access.remove, name="access-remove"),
    path("access/invitations/<int:pk>/withdraw/", access.withdraw, name="invitation-withdraw"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("terms/", consents.terms, name="terms"),
    path("terms/new/", consents.new_terms, name="terms-new"),
    path("consents/", consents.consents, name="consents"),
    path("consents/withdraw/", consents.withdraw, name="consent-withdraw"),
    path("requests/", requests.change_requests, name="change-requests"),
    path("requests/new/", requests.ask, name="change-request-new"),
    path("requests/<int:pk>/", requests.change_request, name="change-request"),
    path("requests/<int:pk>/withdraw/", requests.withdraw, name="change-request-withdraw"),
    path("sign-ins/", sign_ins.sign_ins, name="sign-ins"),
    path("sessions/", sign_ins.sessions, name="sessions"),
    path("sessions/end-others/", sign_ins.end_other_sessions, name="sessions-end-others"),
    path("sessions/<int:pk>/end/", sign_ins.end_session, name="session-end"),
    path("not-me/<token>/", sign_ins.not_mine, name="not-me"),
    path("email/", email_change.change_email, name="email-change"),
    path("email/keep/", email_change.take_back, name="email-take-back"),
    path("email/confirm/<token>/", email_change.confirm, name="email-confirm"),
    path("email/stop/<token>/", email_change.stop, name="email-stop"),
    path("support-view/end/", support_view.end, name="support-view-end"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<uuid:pk>/", exports.download, name="export-file"),
    path("erasure/", erasure.erasure, name="erasure"),
    path("erasure/ask/", erasure.ask, name="erasure-ask"),
    path("erasure/withdraw/", erasure.withdraw, name="erasure-withdraw"),
    path("account/close/", erasure.close, name="account-close"),
    path("phones/", phones.phones, name="phones"),
    path("phones/code/", phones.code, name="phone-code"),
]

"""The back office of people, customers and service partners."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import access, customers, erasure, partners, people, requests, support_view, texts  # noqa: F401  they register themselves

# Both would change people past the actions. What each group may do is a migration.
admin.site.unregister(EmailAddress)
admin.site.unregister(Group)
# Secrets of sign-in are nobody's to look at; people see their own on their own pages.
admin.site.unregister(Authenticator)
admin.site.unregister(UserSession)

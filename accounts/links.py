"""Where the links of messages lead."""

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from accounts.models import Customer, User
from portal.addresses import plain


def link_for(person: User, customer: Customer | None, path: str) -> str:
    """A path, as this person is to open it: who acts for several customers comes to the page of this one, if any.

    The path may have been made in a request of somebody else, whose choice of a customer does not count here.
    """
    path = plain(path)
    if customer is None or person.memberships.current().count() < 2:
        return path
    return for_customer(customer.number, path)


def for_customer(number: str, path: str) -> str:
    """The same page, for the customer with this number: "/c/K-000123/devices/"."""
    return f"/c/{number}{path}"


def password_path(person: User) -> str:
    """Where this person chooses a password; it lasts as long as the link of a forgotten password."""
    key = default_token_generator.make_token(person)
    uid = user_pk_to_url_str(person)
    return plain(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key}))

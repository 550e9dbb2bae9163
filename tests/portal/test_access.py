"""Who may open what: one table for every address of the portal; the back office has its own in test_admin.py."""

import copy
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from devices.models import Device, Site
from orders.models import Order
from portal.files.models import Document
from tests.factories import clerk, customer, device, order_in_review, partner
from tests.portal.cast import ROLES, World, every_name
from tests.portal.test_headers import inline_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

# What each of tests/portal/cast.py's ROLES gets, by GET and by an empty POST: o owner with full access; the colleagues
# f financial, t technical, r read only, s technical at another site, e whose grant has ended; x another customer;
# m partner's manager, g engineer; R reviewer, D dispatcher, M manager, S superuser; v clerk who sees as the customer;
# n nobody. What comes is 2 the page, 3 another page, 0 "you may not" (403), 4 "no such page" (404), 5 "not this way"
# (405), - the page where one signs in.
TABLE = {
    #                                     GET                POST
    #                                     oftrsexmgRDMSvn    oftrsexmgRDMSvn
    "landing":                          ("333333333333332", "555555555555505"),
    "start":                            ("33333333333333-", "55555555555550-"),
    "health":                           ("222222222222222", "555555555555505"),
    "privacy":                          ("222222222222222", "555555555555505"),
    "accessibility":                    ("222222222222222", "555555555555505"),
    "document":                         ("24224444424222-", "555555555555505"),
    "document-page":                    ("24224444424222-", "555555555555505"),
    "account_login":                    ("333333333333302", "333333333333302"),
    "account_signup":                   ("333333333333333", "333333333333303"),
    "account_logout":                   ("222222222222223", "333333333333333"),
    "account_reauthenticate":           ("22222222222220-", "22222222222220-"),
    "mfa_reauthenticate":               ("33333333333330-", "33333333333330-"),
    "mfa_reauthenticate_webauthn":      ("33333333333330-", "33333333333330-"),
    "mfa_authenticate":                 ("333333333333303", "333333333333303"),
    "mfa_login_webauthn":               ("333333333333303", "333333333333303"),
    "mfa_index":                        ("22222222222220-", "55555555555550-"),
    "mfa_activate_totp":                ("33333333333330-", "33333333333330-"),
    "mfa_deactivate_totp":              ("44444444444440-", "44444444444440-"),
    "mfa_view_recovery_codes":          ("44444444444440-", "55555555555550-"),
    "mfa_generate_recovery_codes":      ("33333333333330-", "33333333333330-"),
    "mfa_download_recovery_codes":      ("44444444444440-", "44444444444440-"),
    "mfa_add_webauthn":                 ("33333333333330-", "33333333333330-"),
    "mfa_edit_webauthn":                ("33333333333330-", "33333333333330-"),
    "mfa_remove_webauthn":              ("33333333333330-", "33333333333330-"),
    "account_change_password":          ("33333333333330-", "33333333333330-"),
    "account_reset_password":           ("222222222222202", "222222222222202"),
    "account_reset_password_done":      ("222222222222202", "555555555555505"),
    "account_reset_password_from_key":  ("333333333333303", "333333333333303"),
    "account_reset_password_from_key_done":("222222222222202", "555555555555505"),
    "account_inactive":                 ("222222222222202", "555555555555505"),
    "set-language":                     ("555555555555505", "333333333333303"),
    "profile":                          ("22222222222220-", "22222222222220-"),
    "partner":                          ("44444442244440-", "44444442244440-"),
    "customers":                        ("22222222222220-", "22222222222220-"),
    "customer-data":                    ("20000424444442-", "20000424444440-"),
    "access":                           ("20000424444442-", "20000424444440-"),
    "access-invite":                    ("20000424444440-", "20000424444440-"),
    "access-leave":                     ("22222424444440-", "33333434444440-"),
    "access-change":                    ("20000444444440-", "20000444444440-"),
    "access-remove":                    ("20000444444440-", "30000444444440-"),
    "invitation-withdraw":              ("20000444444440-", "30000444444440-"),
    "invitation":                       ("222222222222202", "333333333333303"),
    "terms":                            ("222222222222222", "555555555555505"),
    "terms-new":                        ("33333333333330-", "33333333333330-"),
    "consents":                         ("22222222222220-", "33333333333330-"),
    "consent-withdraw":                 ("33333333333330-", "33333333333330-"),
    "change-requests":                  ("20000424444442-", "20000424444440-"),
    "change-request-new":               ("20000424444440-", "20000424444440-"),
    "change-request":                   ("20000444444442-", "20000444444440-"),
    "change-request-withdraw":          ("20000444444440-", "30000444444440-"),
    "sign-ins":                         ("22222222222220-", "55555555555550-"),
    "sessions":                         ("22222222222220-", "55555555555550-"),
    "sessions-end-others":              ("55555555555550-", "33333333333330-"),
    "session-end":                      ("55555555555550-", "34444444444440-"),
    "not-me":                           ("222222222222202", "333333333333303"),
    "email-change":                     ("33333333333330-", "33333333333330-"),
    "email-take-back":                  ("55555555555550-", "33333333333330-"),
    "email-confirm":                    ("222222222222202", "333333333333303"),
    "email-stop":                       ("222222222222202", "333333333333303"),
    "support-view-end":                 ("55555555555555-", "44444444444443-"),
    "exports":                          ("22222222222220-", "44444343333330-"),
    "export-file":                      ("44444444444440-", "555555555555505"),
    "erasure":                          ("20000424444440-", "555555555555505"),
    "erasure-ask":                      ("30000434444440-", "30000434444440-"),
    "erasure-withdraw":                 ("555555555555505", "30000434444440-"),
    "account-close":                    ("33333333344440-", "33333333344440-"),
    "phones":                           ("22222222222220-", "22222222222220-"),
    "phone-code":                       ("33333333333330-", "33333333333330-"),
    "register":                         ("333333333333333", "333333333333303"),
    "register-start-over":              ("222222222222222", "555555555555505"),
    "register-check":                   ("333333333333333", "333333333333303"),
    "register-sent":                    ("333333333333333", "333333333333303"),
    "register-confirm":                 ("444444444444444", "444444444444404"),
    "register-device-new":              ("333333333333333", "333333333333303"),
    "register-device":                  ("333333333333333", "333333333333303"),
    "register-device-drop":             ("333333333333333", "333333333333303"),
    "register-autosave":                ("333333333333333", "333333333333303"),
    "register-step":                    ("333333333333333", "333333333333303"),
    "devices":                          ("20222020000002-", "20222020000000-"),
    "device-new":                       ("20202030000000-", "20202030000000-"),
    "device-new-kind":                  ("20202020000000-", "20202020000000-"),
    "device":                           ("20220444444442-", "20220444444440-"),
    "device-change":                    ("20200444444440-", "20200444444440-"),
    "device-nameplates":                ("20200444444440-", "20200444444440-"),
    "device-sheet":                     ("20220444444442-", "20220444444440-"),
    "sites":                            ("22222020000002-", "22222020000000-"),
    "site-new":                         ("20200424444440-", "20200424444440-"),
    "site":                             ("22220444444442-", "22220444444440-"),
    "site-change":                      ("20200444444440-", "20200444444440-"),
    "warranty-check":                   ("222222222222222", "555555555555505"),
    "work":                             ("44444442244440-", "44444445544440-"),
    "work-worker":                      ("222222222222202", "555555555555505"),
    "work-offers":                      ("44444442044440-", "44444445044440-"),
    "work-done":                        ("44444442244440-", "44444445544440-"),
    "work-paper":                       ("44444442444440-", "44444445544440-"),
    "work-correct":                     ("44444442444440-", "44444442444440-"),
    "work-team":                        ("44444442044440-", "44444442044440-"),
    "work-member":                      ("44444442044440-", "44444443044440-"),
    "work-leave":                       ("44444444244440-", "44444444344440-"),
    "work-invitation-withdraw":         ("44444445044440-", "44444443044440-"),
    "work-order":                       ("44444442244440-", "44444445544440-"),
    "work-accept":                      ("44444443444440-", "44444443444440-"),
    "work-decline":                     ("44444442444440-", "44444442444440-"),
    "work-give-back":                   ("44444442044440-", "44444442044440-"),
    "work-hand-over":                   ("44444442044440-", "44444442044440-"),
    "work-ask":                         ("44444442244440-", "44444442244440-"),
    "work-times":                       ("44444442244440-", "44444442244440-"),
    "work-agree":                       ("44444442244440-", "44444442244440-"),
    "work-pick":                        ("44444443344440-", "44444443344440-"),
    "work-begin":                       ("44444443344440-", "44444443344440-"),
    "work-interrupt":                   ("44444442244440-", "44444442244440-"),
    "work-protocol":                    ("44444442244440-", "44444445544440-"),
    "work-part":                        ("44444443344440-", "44444443344440-"),
    "work-drop":                        ("44444442444440-", "44444442444440-"),
    "work-sign":                        ("44444442244440-", "44444442244440-"),
    "orders":                           ("20222020000002-", "20222020000000-"),
    "order-new":                        ("20202020000000-", "20202020000000-"),
    "order-choices":                    ("44444444444444-", "44444444444440-"),
    "order":                            ("20220444444442-", "20220444444440-"),
    "order-continue":                   ("30300444444440-", "30300444444440-"),
    "order-what":                       ("20200444444440-", "20200444444440-"),
    "order-answers":                    ("20200444444440-", "30300444444440-"),
    "order-wishes":                     ("20200444444440-", "20200444444440-"),
    "order-check":                      ("20200444444440-", "20200444444440-"),
    "order-change":                     ("20200444444440-", "20200444444440-"),
    "order-cancel":                     ("20200444444440-", "20200444444440-"),
    "order-reply":                      ("20200444444440-", "20200444444440-"),
    "visit-pick":                       ("30300444444440-", "40400444444440-"),
    "visit-others":                     ("20200444444440-", "20200444444440-"),
    "visit-move":                       ("20200444444440-", "20200444444440-"),
    "order-calendar":                   ("20220444444442-", "20220444444440-"),
    "proof-answer":                     ("20200444444440-", "20200444444440-"),
    "proof-withdraw":                   ("20200444444440-", "30300444444440-"),
    "visit-answer":                     ("222222222222222", "222222222222202"),
    "visit-calendar":                   ("444444444444444", "555555555555505"),
    "protocol":                         ("20220444444442-", "20220444444440-"),
    "proof-new":                        ("20200444444440-", "20200444444440-"),
    "order-service":                    ("20200444444440-", "20200444444440-"),
}  # fmt: skip

SIGNS = {301: "3", 302: "3", 403: "0", 404: "4", 405: "5"}


def sign(answer: HttpResponse) -> str:
    if answer.status_code == 302 and answer["Location"].startswith("/sign-in/?"):
        return "-"
    # Without a worker the portal is up but not well.
    return "2" if answer.status_code in (200, 503) else SIGNS.get(answer.status_code, str(answer.status_code))


def test_the_table_names_every_address():
    assert set(TABLE) == set(every_name())
    assert {len(row) for rows in TABLE.values() for row in rows} == {len(ROLES)}


@pytest.mark.parametrize("letters", ["oftrs", "exmg", "RDMSvn"])
def test_everybody_gets_what_the_table_says(letters):
    world, wrong = World(), []
    for letter in letters:
        client, column = client_of(world.people[letter]), list(ROLES).index(letter)
        for name, rows in TABLE.items():
            for method, row in zip(("get", "post"), rows, strict=True):
                answer = tried(client, method, world.url(letter, name))
                if (got := sign(answer)) != row[column]:
                    wrong.append(f"{ROLES[letter]}, {method} {name}: {got} instead of {row[column]}")
                elif got == "2" and answer["Content-Type"].startswith("text/html"):
                    wrong += [f"{name} has inline code: {found}" for found in inline_code(answer.content.decode())]
    assert not wrong, "\n".join(wrong)


def client_of(someone: Any, **options: Any) -> Client:
    client = Client(**options)
    if someone:
        client.force_login(someone)
    return client


def tried(client: Client, method: str, url: str) -> HttpResponse:
    """What comes; whatever it changed, signing out included, is as it was before."""
    before = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = getattr(client, method)(url)
        transaction.set_rollback(True)
    client.cookies = before
    return answer


@pytest.mark.parametrize("letter", ["o", "m", "n"])
def test_nothing_is_sent_without_the_token_of_its_form(letter):
    world = World()
    client = client_of(world.people[letter], enforce_csrf_checks=True)
    taken = {name for name in TABLE if client.post(world.url(letter, name)).status_code != 403}
    assert not taken


def test_nothing_is_sent_to_the_back_office_without_the_token():
    client = client_of(clerk("manager"), enforce_csrf_checks=True)
    order = order_in_review()
    for thing in (order, order.customer, order.device):
        url = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
        assert (client.get(url).status_code, client.post(url, {"act": "x"}).status_code) == (200, 403)


# More than a table can say


def test_lists_show_only_what_is_the_customers(client):
    order_in_review()
    client.force_login(device().site.customer.members.get())
    for name, model in (("devices", Device), ("sites", Site), ("orders", Order)):
        page = client.get(reverse(name)).content.decode()
        others = [f"/{name}/{thing.pk}/" for thing in model.objects.exclude(pk__in=[model.objects.last().pk])]
        assert others or name == "orders", name
        assert not any(url in page for url in others)


@pytest.mark.parametrize("model", [Device, Site, Order, Document])
def test_whoever_is_not_signed_in_sees_nothing(model):
    order_in_review()
    assert model.objects.exists() and not model.objects.visible_to(AnonymousUser()).exists()


# Every address

ARGUMENTS = {"int": 1, "str": "x", "slug": "x", "uuid": uuid.UUID(int=1), "path": "x"}


def addresses(resolver: Any, prefix: str = "") -> Iterator[tuple[str, Callable]]:
    """Every address of the urlconf, with made-up arguments, and its view; the admin guards itself."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver) and not route.startswith("admin/"):
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern):
            yield filled(entry, prefix), entry.callback


def filled(entry: URLPattern, prefix: str) -> str:
    if not hasattr(entry.pattern, "_route"):
        return "/" + prefix + "password/reset/1-x/"
    route = prefix + entry.pattern._route
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        route = route.replace(f"<{kind}:{name}>", str(ARGUMENTS[kind])).replace(f"<{name}>", "x")
    assert "<" not in route, route
    return "/" + route


EVERY = list(addresses(get_resolver("portal.urls")))


def test_the_walk_finds_the_addresses():
    assert len(EVERY) > 40 and {"/devices/1/", "/orders/", "/register/"} <= {url for url, _view in EVERY}


@pytest.mark.parametrize(("url", "view"), EVERY, ids=[url for url, _view in EVERY])
def test_every_address_is_public_by_name_or_asks_to_sign_in(client, url, view):
    if getattr(view, "public", False):
        assert client.get(url).status_code < 500 or url == "/health/"
        return
    for method in (client.get, client.post):
        answer = method(url)
        assert answer.status_code in (302, 405), (url, answer.status_code)
        # Whoever is out already is taken to the first page by signing out.
        assert answer.status_code == 405 or answer.url.startswith("/sign-in/") or url == "/sign-out/"


@pytest.mark.parametrize(("url", "view"), EVERY, ids=[url for url, _view in EVERY])
def test_no_address_falls_over_whoever_asks(url, view):
    for someone in (customer().members.get(), partner().people.get().user, clerk(), clerk("manager")):
        client = Client()
        client.force_login(someone)
        for method in (client.get, client.post):
            assert method(url).status_code < 500 or url == "/health/", (url, someone.is_staff)

"""Who may open what: owner, colleague, stranger, partner, nobody; and a walk over every address."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from devices.models import Device, Site
from orders.actions.proofs import ask_for_more
from orders.models import Order
from portal.files.models import Document
from tests.factories import clerk, customer, device, nameplate_check, order_in_review, partner, person, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def world() -> dict[str, Any]:
    """A customer with two members and one of everything; and people who have nothing to do with it."""
    owner, colleague = person(), person()
    place = site(customer(members=[owner, colleague]))
    order = order_in_review(device(place), by=owner)
    asked = ask_for_more(
        order_in_review(device(place), by=owner), reason_code="other", reason="Why?", by=clerk(), revision=1
    )
    open_unit = device(place, units=[])
    photo = nameplate_check(device(place, units=[])).photos.get()
    urls = [
        reverse(name, args=[thing.pk])
        for name, thing in [
            ("device", order.device), ("device-change", order.device), ("device-sheet", order.device),
            ("proof-new", order.device), ("device-nameplates", open_unit), ("site", place), ("site-change", place),
            ("order", order), ("proof-withdraw", order), ("proof-answer", asked),
            ("document", order.documents.get()), ("document", photo),
        ]
    ]  # fmt: skip
    others = {"stranger": customer().members.get(), "partner": partner().people.get().user, "loner": person()}
    return {
        "urls": [*urls, reverse("document-page", args=[photo.pk, 1])],
        "members": [owner, colleague],
        "others": others,
    }


def test_owner_and_colleague_see_all_that_is_the_customers(client, world):
    for member in world["members"]:
        client.force_login(member)
        assert {url: client.get(url).status_code for url in world["urls"]} == dict.fromkeys(world["urls"], 200)


@pytest.mark.parametrize("who", ["stranger", "partner", "loner"])
def test_for_anybody_else_it_does_not_exist(client, world, who):
    client.force_login(world["others"][who])
    for method in (client.get, client.post):
        answers = {url: method(url).status_code for url in world["urls"]}
        assert set(answers.values()) <= {404, 405}, answers


def test_nobody_is_asked_to_sign_in(client, world):
    for url in world["urls"]:
        for method in (client.get, client.post):
            answer = method(url)
            assert answer.status_code in (302, 405) and answer.get("Location", "/sign-in/").startswith("/sign-in/"), url


def test_lists_show_only_what_is_the_customers(client, world):
    client.force_login(world["others"]["stranger"])
    for name, model in (("devices", Device), ("sites", Site), ("orders", Order)):
        page = client.get(reverse(name)).content.decode()
        assert not any(f"/{name}/{thing.pk}/" in page for thing in model.objects.all())


@pytest.mark.parametrize("model", [Device, Site, Order, Document])
def test_whoever_is_not_signed_in_sees_nothing(world, model):
    from django.contrib.auth.models import AnonymousUser

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

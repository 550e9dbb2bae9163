"""Who may open what in the back office; the audit trail; messages; signing in."""

from datetime import date

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from accounts.actions.erasure import ask_erasure
from accounts.actions.requests import ask_for_change
from accounts.models import LegalText, User
from portal.back_office import page_url
from portal.events import Event, record
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db

# Who may look at the list and the pages: r reviewer, d dispatcher, m manager.
LOOK = {
    "accounts_customer": "rdm",
    "accounts_membership": "dm",
    "accounts_partner": "dm",
    "accounts_user": "rdm",
    "devices_claim": "rm",
    "devices_device": "rdm",
    "devices_nameplatecheck": "rm",
    "devices_product": "rdm",
    "accounts_changerequest": "rdm",
    "accounts_erasurerequest": "m",
    "accounts_legaltext": "m",
    "devices_registration": "dm",
    "devices_site": "rdm",
    "devices_unit": "rdm",
    "orders_order": "rdm",
    "orders_service": "rdm",
    "portal_event": "m",
    "portal_message": "dm",
    "services_certificate": "rdm",
    "services_checklist": "rdm",
    "services_checklistgroup": "rdm",
    "services_checklistitem": "rdm",
    "services_checklistversion": "rdm",
    "services_qualification": "rdm",
    "services_servicekind": "rdm",
    "warranty_cover": "rdm",
    "warranty_warrantycard": "rdm",
    "warranty_warrantyrule": "rdm",
}
MORE = {
    "accounts_user_add": "m",
    "accounts_legaltext_add": "m",
    "devices_product_add": "m",
    "devices_unit_add": "m",
    "devices_product_import": "m",
    "devices_unit_import": "m",
    "devices_product_export": "m",
    "devices_unit_export": "m",
    "devices_product_import_report": "",  # of the person who sent the file
    "devices_unit_import_report": "",
    "services_certificate_add": "dm",
    "services_certificate_edit": "dm",
    "services_checklist_add": "m",
    "services_checklist_preview": "rdm",
    "services_checklistgroup_add": "m",
    "services_checklistgroup_delete": "m",
    "services_checklistitem_add": "m",
    "services_checklistitem_delete": "m",
    "services_qualification_add": "dm",
    "services_servicekind_add": "m",
    "warranty_warrantyrule_add": "m",
}
# Lists that may be taken away as a table.
EXPORTS = [
    "accounts_customer", "accounts_partner", "devices_device", "orders_order", "orders_service", "services_certificate",
    "warranty_cover", "warranty_warrantycard",
]  # fmt: skip
# Of every member of staff, and each answers for itself.
SHARED = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "search",
    "view_on_site", "app_list",
}  # fmt: skip
GROUPS = {"r": "reviewer", "d": "dispatcher", "m": "manager"}


def expected() -> dict[str, str]:
    table = MORE | {f"{model}_{kind}": "m" for model in EXPORTS for kind in ("csv", "xlsx")}
    for model, who in LOOK.items():
        table |= {f"{model}_changelist": who, f"{model}_change": who, f"{model}_history": who}
        table = {f"{model}_add": "", f"{model}_delete": "", **table}
    return table


def names() -> set[str]:
    return {pattern.name for pattern in _patterns(admin.site.get_urls()) if pattern.name}


def _patterns(found):
    for pattern in found:
        yield from _patterns(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


@pytest.fixture
def things():
    """One of each, by the name of its list."""
    from devices.models import Registration

    order = make.order_in_review()
    unit = order.device.units.get().unit
    company = make.partner()
    service = make.service_order(make.warranted(), upto="done").service
    able, version, cover = service.partner, service.checklist, service.order.device.cover
    owner, other = order.customer.members.get(), make.customer()
    return {
        "accounts_changerequest": ask_for_change(order.customer, wanted={"city": "Łódź"}, by=owner),
        "accounts_erasurerequest": ask_erasure(other, by=other.members.get()),
        "accounts_legaltext": LegalText.objects.first(),
        "accounts_customer": order.customer, "accounts_partner": company, "accounts_user": order.created_by,
        "accounts_membership": order.customer.memberships.get(),
        "devices_claim": make.claim(), "devices_device": order.device, "devices_nameplatecheck": make.nameplate_check(),
        "devices_product": unit.product, "devices_registration": Registration.objects.create(),
        "devices_site": order.device.site, "devices_unit": unit, "orders_order": order,
        "orders_service": service, "portal_event": Event.objects.first(), "portal_message": Message.objects.first(),
        "services_certificate": able.certificates.get(), "services_checklist": version.checklist,
        "services_checklistgroup": version.checklist.groups.first(),
        "services_checklistitem": version.checklist.items.first(), "services_checklistversion": version,
        "services_qualification": able.qualification, "services_servicekind": service.order.service_kind,
        "warranty_cover": cover, "warranty_warrantycard": service.order.device.warranty_cards.first(),
        "warranty_warrantyrule": cover.rule,
    }  # fmt: skip


def address(name: str, things: dict) -> str:
    if name == "services_certificate_add":  # of a partner
        return f"{reverse(f'admin:{name}')}?partner={things['accounts_partner'].pk}"
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        if name.endswith("_report"):
            return reverse(f"admin:{name}", args=["00000000-0000-0000-0000-000000000000"])
        return reverse(f"admin:{name}", args=[things[name.rpartition("_")[0]].pk])


def test_the_table_names_every_address():
    assert names() - SHARED == set(expected())


@pytest.mark.parametrize("letter", GROUPS)
def test_each_group_opens_what_the_table_says(client, things, letter):
    client.force_login(make.clerk(GROUPS[letter]))
    opened = {name for name in expected() if client.get(address(name, things)).status_code in (200, 302)}
    assert opened == {name for name, who in expected().items() if letter in who}


def test_strangers_stay_outside(client, things):
    addresses = [address(name, things) for name in expected()] + [reverse("admin:index")]
    for url in addresses:
        assert client.get(url).url.startswith("/admin/login/")
    for person in (make.person(), things["accounts_partner"].people.get().user, things["orders_order"].created_by):
        client.force_login(person)
        for url in addresses:
            assert client.get(url, follow=True).status_code == 403


def test_staff_sign_in_where_everybody_does(client):
    assert client.get("/admin/login/?next=/admin/orders/order/").url == (
        reverse("account_login") + "?next=%2Fadmin%2Forders%2Forder%2F"
    )


def test_not_even_a_superuser_edits_the_trail(client, things):
    client.force_login(make.person(is_staff=True, is_superuser=True))
    event = things["portal_event"]
    for name in ("change", "delete"):
        url = reverse(f"admin:portal_event_{name}", args=[event.pk])
        assert client.post(url, {"reason": "x", "post": "yes"}).status_code == 403
    assert client.post(reverse("admin:portal_event_add"), {"verb": "x"}).status_code == 403
    assert Event.objects.get(pk=event.pk).reason == event.reason


@pytest.mark.parametrize("words", ["Zielińska", "faded", "ZL/2026", "orders.order:{pk}"])
def test_the_trail_is_searched_by_who_why_and_what(client, things, words):
    order = things["orders_order"]
    mine = record(
        "proof.refused", by=make.person(last_name="Zielińska"), about=[order], reason="faded ink",
        data={"number": "ZL/2026/01/00001"},
    )  # fmt: skip
    client.force_login(make.clerk("manager"))
    answer = client.get(
        reverse("admin:portal_event_changelist"), {"q": words.format(pk=order.pk), "verb": "proof.refused"}
    )
    assert [event.pk for event in answer.context["cl"].result_list] == [mine.pk]


def test_an_event_names_what_it_is_about_and_leads_there(client, things):
    person, customer = things["accounts_user"], things["accounts_customer"]
    gone = make.customer(name="Gone")
    record("person.registered", by=None, about=[person, customer, make.document(), gone])
    type(gone).objects.filter(pk=gone.pk).delete()
    client.force_login(make.clerk("manager", language="en"))
    page = client.get(reverse("admin:portal_event_changelist"), {"verb": "person.registered"}).content.decode()
    assert f'<a href="{page_url(person)}">{person}</a>' in page and f'<a href="{page_url(customer)}">' in page
    assert "accounts.user:" not in page and "document" in page and page_url(gone) not in page


def test_a_page_is_called_by_its_kind_and_name(client, things):
    client.force_login(make.clerk("manager", language="en"))
    unit = things["devices_unit"]
    page = client.get(page_url(unit), headers={"accept-language": "en"}).content.decode()
    assert f"<h1>Unit: {unit}</h1>" in page and f"Unit: {unit} | " in page
    new = client.get(reverse("admin:devices_unit_add"), headers={"accept-language": "en"}).content.decode()
    assert "<h1>New: unit</h1>" in new


def test_a_list_writes_days_short(client, things):
    unit = things["devices_unit"]
    type(unit).objects.filter(pk=unit.pk).update(made_on=date(2026, 7, 5))
    client.force_login(make.clerk("manager"))
    pages = [
        client.get(url, headers={"accept-language": "pl"}).content.decode()
        for url in (reverse("admin:devices_unit_changelist"), page_url(unit))
    ]
    assert all("05.07.2026" in page for page in pages)


def failed_message(**fields) -> Message:
    fields = {"kind": "orders/proof_sent", "recipient": "anna@example.com", "language": "pl", **fields}
    return Message.objects.create(state="failed", subject="Order", text="The very words", **fields)


def test_a_message_is_sent_once_more_and_the_next_one_comes(client):
    first, second = failed_message(), failed_message()
    client.force_login(make.clerk("dispatcher"))
    answer = client.post(reverse("admin:portal_message_change", args=[first.pk]), {"act": "retry"})
    assert answer.url == reverse("admin:portal_message_change", args=[second.pk])
    first.refresh_from_db()
    assert first.state == "queued"
    assert Event.objects.about(first).get().verb == "message.retried"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("portal_message_changelist?state__exact=failed", "Nothing is waiting here."),
        ("orders_service_changelist?queue=assign", "Nothing is waiting here."),
        ("orders_service_changelist?queue=assign&q=Nowak", "Nothing fits the search and the filters."),
        ("portal_message_changelist?state__exact=sent", "Nothing fits the search and the filters."),
        ("orders_service_changelist", "There is nothing of this kind yet."),
    ],
)
def test_an_empty_queue_is_told_from_a_search_without_a_hit(client, address, words):
    name, _, query = address.partition("?")
    client.force_login(make.clerk("manager"))
    answer = client.get(f"{reverse(f'admin:{name}')}?{query}", headers={"accept-language": "en"})
    assert words in answer.content.decode()


def test_a_message_is_put_aside_with_a_reason(client):
    message = failed_message()
    client.force_login(make.clerk("dispatcher"))
    url = reverse("admin:portal_message_change", args=[message.pk])
    assert client.post(url, {"act": "dismiss", "reason": ""}).context["typed"]["dismiss"].errors
    answer = client.post(url, {"act": "dismiss", "reason": "Told by phone"})
    assert answer.url == reverse("admin:portal_message_changelist") + "?state__exact=failed"
    assert Event.objects.about(message).get().reason == "Told by phone"


def test_a_message_names_its_attachments(client):
    message = Message.objects.create(kind="a/b", recipient="x@example.com", language="en", calendar="BEGIN:VCALENDAR")
    message.documents.add(make.document(name="Karta.pdf"))
    client.force_login(make.clerk("manager"))
    page = client.get(reverse("admin:portal_message_change", args=[message.pk])).content.decode()
    assert "Karta.pdf, invite.ics" in page and "/files/" not in page


def test_a_secret_message_never_shows_its_words(client):
    client.force_login(make.clerk("manager"))
    secret, plain = failed_message(secret=True), failed_message()
    pages = [
        client.get(reverse("admin:portal_message_change", args=[message.pk])).content.decode()
        for message in (secret, plain)
    ]
    assert ["The very words" in page for page in pages] == [False, True]


def test_the_index_shows_the_queues_of_the_group(client, things):
    failed_message()
    client.force_login(make.clerk("dispatcher"))
    queues = client.get(reverse("admin:index")).context["queues"]
    assert {queue.url: queue.count for queue in queues} == {
        "/admin/portal/message/?state__exact=failed": 1,
        "/admin/accounts/partner/?decision__exact=": 1,
        "/admin/orders/service/?queue=assign": 0,
        "/admin/orders/service/?queue=due": 0,
        "/admin/orders/service/?queue=missed": 0,
        "/admin/orders/service/?queue=moves": 0,
        "/admin/orders/service/?queue=owner": 0,
        "/admin/orders/service/?queue=stuck": 0,
        "/admin/orders/service/?queue=undated": 0,
        "/admin/orders/service/?queue=undrawn": 0,
        "/admin/accounts/partner/?ready=no": 0,
        "/admin/accounts/changerequest/?decision__exact=": 1,
        "/admin/services/certificate/?ends=soon": 0,
        "/admin/warranty/cover/?inspection=overdue": 0,
    }
    for queue in queues:
        assert client.get(queue.url).context["cl"].result_count == queue.count


def test_an_empty_queue_says_that_nothing_waits(client):
    client.force_login(make.clerk("reviewer", language="en"))
    page = client.get(reverse("admin:index"), headers={"accept-language": "en"}).content.decode()
    assert page.count("Nothing waits") == 4


def test_passwords_are_shown_nowhere(client):
    person = make.person()
    client.force_login(make.person(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:accounts_user_change", args=[person.pk])).content.decode()
    assert person.email in page
    told = page.replace(reverse("account_change_password"), "").replace("The password stays.", "")
    assert "password" not in told
    assert User.objects.get(pk=person.pk).password not in page


def test_facts_of_an_event_are_text(client):
    event = record("site.changed", by=None, about=[make.site()], data={"changed": {"notes": ["", "<b>ł</b>"]}})
    client.force_login(make.clerk("manager"))
    page = client.get(reverse("admin:portal_event_change", args=[event.pk])).content.decode()
    assert "<b>ł</b>" not in page and "ł" in page


@pytest.mark.parametrize(
    "name", ["accounts_user", "accounts_customer", "accounts_partner", "portal_event", "portal_message"]
)
def test_lists_take_as_many_queries_for_many_as_for_one(client, name):
    client.force_login(make.clerk("manager"))
    counts = []
    for more in (1, 20):
        for _ in range(more):
            make.order_in_review()
            make.partner()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"admin:{name}_changelist")).context["cl"].result_count >= more
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["services_checklist", "accounts_legaltext"])
def test_lists_ask_once_for_what_tells_their_states(client, name):
    client.force_login(make.clerk("manager"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(f"admin:{name}_changelist")).context["cl"].result_count > 3
    assert len(queries) <= 12


def test_only_the_back_office_may_evaluate_scripts(client):
    client.force_login(make.clerk("manager"))
    assert "'unsafe-eval'" in client.get(reverse("admin:index"))["Content-Security-Policy"]
    client.logout()
    outside = client.get(reverse("landing"))
    assert "unsafe" not in outside["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address",
    [
        "admin:accounts_user_changelist?password__startswith=p",
        "admin:devices_registration_changelist?password_hash__startswith=p",
        "admin:devices_registration_changelist?answers__contact__typed__phone__startswith=6",
        "admin:portal_message_changelist?text__contains=reset",
    ],
)
def test_a_list_cannot_be_asked_for_what_it_does_not_show(client, address):
    """Letter by letter, such a filter would read out a password's hash or the link of a secret message."""
    name, query = address.split("?")
    client.force_login(make.clerk("dispatcher"))
    assert client.get(f"{reverse(name)}?{query}").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "admin:accounts_user_changelist?is_staff__exact=1&groups__id__exact=1",
        "admin:accounts_partner_changelist?decision__exact=",
        "admin:devices_device_changelist?purchased_on__isempty=1",
        "admin:orders_order_changelist?state__exact=in_review&proof__reason_code__exact=other",
        "admin:portal_event_changelist?verb=site.changed&at__year=2026",
        "admin:portal_message_changelist?created_at__gte=2026-01-01%2000:00:00%2B00:00",
    ],
)
def test_a_list_is_filtered_by_what_it_offers(client, address):
    name, query = address.split("?")
    client.force_login(make.clerk("manager"))
    assert client.get(f"{reverse(name)}?{query}").status_code == 200

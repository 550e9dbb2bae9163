"""Sites and devices, as their owner sees them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.customers import for_one_customer, names_shown
from accounts.models import Customer
from accounts.people import person_of
from devices import actions, presenters
from devices.actions import NewDevice
from devices.forms import DeviceChangeForm, DeviceForm, NamedSiteForm, NameplatesForm
from devices.models import DEVICE_KINDS, ROLES_OF_KIND, Device, Product, Site, nameplates_of
from devices.rows import Row, rows_of
from portal import collect
from portal.access import NEW_SITE, Area, changed_customers, demand, find, may
from portal.events import Event, told_of
from portal.limits import address_of
from portal.once import once_key
from portal.pdf import render_pdf
from portal.ui.filters import FEW, Select, words_of
from portal.ui.table import Table

PAGE = 25


def notes_for(devices: Sequence[Device | Row]) -> dict[int, list[collect.Note]]:
    """What the apps have to say about each of these devices, the most urgent first; a later app counts more."""
    notes: dict[int, list[collect.Note]] = {device.pk: [] for device in devices}
    for entry in reversed(collect.device_notes):
        for pk, note in entry(devices).items():
            notes[pk].append(note)
    return {pk: in_order(about) for pk, about in notes.items()}


def in_order(notes: list[collect.Note]) -> list[collect.Note]:
    """The most urgent first; that all is in order only where nothing else is to be said."""
    open_ones = [note for note in notes if note.tone != "done"]
    return sorted(open_ones, key=lambda note: note.urgency, reverse=True) or notes


def with_notes(rows: list[Row], reader: Any) -> list[tuple[Row, collect.Note | None]]:
    """Each row with its most urgent note, which leads only to what the reader may do."""
    notes, changed_by = notes_for(rows), changed_customers(reader, Area.TECHNICAL)
    return [
        (row, note if note is None or row.customer_id in changed_by else note.for_reader())
        for row in rows
        for note in [next(iter(notes[row.pk]), None)]
    ]


def inspections_of(devices: Sequence[Device | Row]) -> dict[int, date | None]:
    """When each device is inspected next, where that is known."""
    days: dict[int, date | None] = {}
    for entry in collect.next_inspections:
        days |= entry(devices)
    return days


def page_of(request: HttpRequest, rows: Any) -> Any:
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def table_of(page: Any, reader: Any, **options: Any) -> Table:
    """A page of devices, by primary key, with all that other apps say about them."""
    rows = rows_of(page)
    return presenters.device_table(with_notes(rows, reader), inspections_of(rows), **options)


@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """The first tab: all devices, with what each of them waits for."""
    demand(request.user, Area.TECHNICAL)
    names, words = names_shown(request.user), words_of(request)
    kind = Select.of(request, "kind", _("Kind"), dict(DEVICE_KINDS), _("All"))
    customer = Select.of(request, "customer", _("Customer"), {str(pk): name for pk, name in names.items()}, _("All"))
    sort = Select.of(request, "sort", _("Sort"), presenters.SORTED, _("oldest first"))
    rows = Device.objects.visible_to(request.user).matching(words)
    if kind.value:
        rows = rows.filter(kind=kind.value)
    if customer.value:
        rows = rows.filter(site__customer=int(customer.value))
    if sort.value:
        rows = rows.order_by(*presenters.SORT_COLUMNS[sort.value])
    page = page_of(request, rows.values_list("pk", flat=True))
    is_filtered = bool(words or kind.value or customer.value)
    context = {
        "page": page,
        "table": table_of(page, request.user, customers=names),
        "words": words,
        "selects": [kind, *([customer] if names else []), sort],
        "is_filtered": is_filtered,
        "may_filter": is_filtered or page.paginator.count > FEW,
        "may_add": may(request.user, Area.TECHNICAL, change=True),
    }
    return render(request, "devices/devices.html", context)


@login_required
def device(request: HttpRequest, pk: int) -> HttpResponse:
    """Facts, units, documents, what happens next, and all that happened."""
    found = find(Device.objects.select_related("site"), request.user, pk=pk)
    found.nameplates = nameplates_of(found)
    may_change = may_change_device(request, found)
    notes = [note if may_change else note.for_reader() for note in notes_for([found])[found.pk]]
    documents = [document for entry in collect.device_documents for document in entry(found)]
    context = {
        "device": found,
        "may_change": may_change,
        "note": next(iter(notes), None),
        "further": notes[1:],
        "documents": documents,
        "facts": presenters.device_facts(found, inspections_of([found])),
        "units": presenters.unit_rows(found),
        "sections": [section(found) for section in collect.device_sections],
        "events": [event for event in told_of(found) if not event.staff_only_verb],
    }
    return render(request, "devices/device.html", context)


def may_change_device(request: HttpRequest, found: Device) -> bool:
    owner, site = found.site.customer_id, found.site_id
    return may(request.user, Area.TECHNICAL, change=True, customer=owner, site=site)


@login_required
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The device's data as a PDF, to print or to hand to a service engineer."""
    found = find(Device.objects.for_list(), request.user, pk=pk)
    context = {
        "device": found,
        "facts": presenters.device_facts(found, inspections_of([found])),
        "units": presenters.unit_rows(found),
        "customer": found.site.customer,
    }
    pdf = render_pdf("devices/sheet.html", context)
    name = _("Device data sheet") + f" {found.nameplates[0].serial.replace('/', '-')}.pdf"
    headers = {"Content-Disposition": content_disposition_header(False, name)}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@login_required
def new_device_kind(request: HttpRequest) -> HttpResponse:
    """Which kind of device; a site has to be there first."""
    demand(request.user, Area.TECHNICAL, change=True)
    if not sites_for_devices(request).exists():
        messages.info(request, _("First add the site where the device is installed."))
        return redirect("site-new")
    return render(request, "devices/new_kind.html")


def sites_for_devices(request: HttpRequest) -> Any:
    """Where this person may put a device: whoever changes devices changes their sites too."""
    return Site.objects.changeable_by(request.user)


@login_required
def new_device(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in ROLES_OF_KIND:
        raise Http404
    demand(request.user, Area.TECHNICAL, change=True)
    mine = Device.objects.visible_to(request.user)
    if request.method == "POST" and (before := mine.filter(once_key=once_key(request)).first()):
        return redirect("device", before.pk)
    sites = sites_for_devices(request).order_by("pk")
    form = DeviceForm(
        request.POST or None,
        request.FILES or None,
        kind=kind,
        sites=sites,
        askers=askers(request),
        customers=list({site.customer_id for site in sites}),
        uploaded_by=request.user,
    )
    if request.method == "POST" and form.is_valid() and (added := add_device(request, form, kind)):
        messages.success(request, _("The device is added."))
        return redirect("device", added.pk)
    context = {
        "form": form,
        "kind": kind,
        "title": presenters.device_title(kind),
        "once_key": once_key(request),
    }
    return render(request, "devices/new_device.html", context | products_for(ROLES_OF_KIND[kind]))


def add_device(request: HttpRequest, form: DeviceForm, kind: str) -> Device | None:
    new = NewDevice(kind=kind, nameplates=form.nameplates(), name=form.cleaned_data["name"])
    site, once = form.cleaned_data["site"], once_key(request)
    return form.attempt(actions.add_device, site, new, by=person_of(request), once_key=once)


def askers(request: HttpRequest) -> list[str]:
    return [f"user:{request.user.pk}", f"ip:{address_of(request)}"]


def products_for(roles: list[str]) -> dict[str, Any]:
    """What the browser may suggest as models."""
    return {"products": Product.objects.filter(role__in=roles)}


@login_required
def change_device(request: HttpRequest, pk: int) -> HttpResponse:
    """Renames a device or moves it to another site."""
    found = find(Device.objects.select_related("site"), request.user, change=True, pk=pk)
    sites = sites_for_devices(request).filter(customer=found.site.customer_id)
    form = DeviceChangeForm(
        request.POST or None,
        sites=sites,
        initial={"name": found.name, "site": found.site},
    )
    act = actions.change_device
    if form.is_valid() and form.attempt(act, found, by=person_of(request), **form.cleaned_data):
        messages.success(request, _("Your changes are saved."))
        return redirect("device", found.pk)
    return render(request, "devices/change_device.html", {"form": form, "device": found})


@login_required
def nameplates(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects the nameplates that are not confirmed."""
    found = find(Device.objects.for_list(), request.user, change=True, pk=pk)
    open_units = {unit.role: unit for unit in found.nameplates if presenters.may_correct(unit)}
    if not open_units:
        messages.info(
            request,
            _("There is nothing to correct: every unit is confirmed, or our office looks at it."),
        )
        return redirect("device", found.pk)
    form = NameplatesForm(
        request.POST or None,
        request.FILES or None,
        initial=presenters.typed_units(open_units),
        roles=list(open_units),
        askers=askers(request),
        customers=[found.site.customer_id],
        uploaded_by=request.user,
    )
    act = actions.correct_nameplates
    if form.is_valid() and form.attempt(act, open_units, form.nameplates(), by=person_of(request)):
        messages.success(request, _("Your changes are saved."))
        return redirect("device", found.pk)
    context = {"form": form, "device": found, "kind": found.kind}
    return render(request, "devices/nameplates.html", context | products_for(list(open_units)))


@login_required
def sites(request: HttpRequest) -> HttpResponse:
    """The second tab: all sites, with how many devices each has."""
    demand(request.user, Area.GENERAL)
    rows = Site.objects.visible_to(request.user).annotate(device_count=Count("devices")).order_by("pk")
    page = page_of(request, rows)
    table = presenters.site_table(page, customers=names_shown(request.user))
    may_add = may(request.user, Area.GENERAL, change=True, site=NEW_SITE)
    return render(request, "devices/sites.html", {"page": page, "table": table, "may_add": may_add})


@login_required
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """A site, with its devices for those who may see them."""
    found = find(Site.objects.all(), request.user, pk=pk)
    devices = Device.objects.visible_to(request.user).filter(site=found)
    page = page_of(request, devices.values_list("pk", flat=True))
    of_site = {"customer": found.customer_id, "site": found.pk}
    sees_devices = may(request.user, Area.TECHNICAL, **of_site)
    events = Event.objects.about(found)
    context = {
        "site": found,
        "page": page,
        "table": table_of(page, request.user, with_site=False),
        "events": (events if sees_devices else events.filter(verb__startswith="site."))[:20],
        "sees_devices": sees_devices,
        "may_change": may(request.user, Area.GENERAL, change=True, **of_site),
        "may_add": may(request.user, Area.TECHNICAL, change=True, **of_site),
    }
    return render(request, "devices/site.html", context)


@for_one_customer(Area.GENERAL, change=True)
def new_site(request: HttpRequest, customer: Customer) -> HttpResponse:
    demand(request.user, Area.GENERAL, change=True, customer=customer.pk, site=NEW_SITE)
    form = NamedSiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = actions.add_site(customer, by=person_of(request), once_key=once_key(request), **form.cleaned_data)
        messages.success(request, _("The site is added."))
        return redirect("site", added.pk)
    return render(request, "devices/site_form.html", {"form": form, "once_key": once_key(request)})


@login_required
def change_site(request: HttpRequest, pk: int) -> HttpResponse:
    found = find(Site.objects.all(), request.user, change=True, pk=pk)
    initial = {name: getattr(found, name) for name in NamedSiteForm.base_fields}
    form = NamedSiteForm(request.POST or None, initial=initial)
    act = actions.change_site
    if form.is_valid() and form.attempt(act, found, by=person_of(request), **form.cleaned_data):
        messages.success(request, _("Your changes are saved."))
        return redirect("site", found.pk)
    return render(request, "devices/site_form.html", {"form": form, "site": found})

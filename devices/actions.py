"""What people do with sites, devices and units. Each act is one transaction that leaves an event behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.people import tell_members
from accounts.models import Customer, User
from devices import imports
from devices.models import (
    ROLES_OF_KIND,
    Claim,
    Device,
    DeviceUnit,
    NameplateCheck,
    Product,
    Site,
    Unit,
)
from devices.rules import model_key, serial_key
from portal import collect
from portal.access import NEW_SITE, Area, demand_now
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach

ADDRESS = ("street", "postcode", "city", "country")


@dataclass
class Nameplate:
    """One nameplate as typed, with what the person adds when the register does not simply say yes."""

    role: str
    model: str
    serial: str
    photos: Sequence[Document] = ()
    claim_reason: str = ""
    claim_proofs: Sequence[Document] = ()
    # False when the person had used up the look-ups: then the register must not answer this way either.
    looked_up: bool = True


@dataclass
class NewDevice:
    """A device as typed."""

    kind: str
    nameplates: list[Nameplate] = field(default_factory=list)
    name: str = ""


@transaction.atomic
def add_site(customer: Customer, *, by: User, once_key: Any = None, **fields: Any) -> Site:
    """A new place of installation. The same `once_key` again gives the site of the first time."""
    _one_after_the_other(customer)
    demand_now(by, Area.GENERAL, customer=customer.pk, site=NEW_SITE)
    if once_key and (before := Site.objects.filter(customer=customer, once_key=once_key).first()):
        return before
    if once_key:
        fields["once_key"] = once_key
    site = Site.objects.create(customer=customer, **fields)
    record("site.added", by=by, about=[site])
    return site


def _one_after_the_other(customer: Customer) -> None:
    """The second half of a double click waits here until the first is done, and then finds its work.

    So does whoever adds something while the customer's data are being erased, and then has no rights any more.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)


def _demand_owner(site: Site, by: User) -> None:
    """Raises PermissionDenied for whoever may not change the devices of this site."""
    demand_now(by, Area.TECHNICAL, customer=site.customer_id, site=site.pk)


def tell_changed(devices: Sequence[Device], *, by: User | None) -> None:
    """Higher floors count anew what follows from the devices' facts; called in the transaction of the change."""
    for told in collect.devices_changed:
        told(devices, by)


def _hold(devices: models.QuerySet[Device]) -> list[Device]:
    """Locks all of these, in one order for everybody, before the first of them is told.

    Telling takes further locks, such as that of a series of numbers; whoever had it already could wait for ever.
    """
    pks = devices.order_by().values("pk")
    return list(Device.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk"))


def customer_changed(customer: Customer, by: User | None) -> None:
    """For `portal.collect`: what is said of the owner on the papers of the devices has changed."""
    tell_changed(_hold(Device.objects.filter(site__customer=customer)), by=by)


@transaction.atomic
def change_site(site: Site, *, by: User, **fields: Any) -> Site:
    """Renames or corrects a site; not its address while somebody is on the way to it."""
    site = Site.objects.select_for_update().get(pk=site.pk)
    demand_now(by, Area.GENERAL, customer=site.customer_id, site=site.pk)
    if any(getattr(site, name) != fields.get(name, getattr(site, name)) for name in ADDRESS):
        _refuse_move(site.devices.all())
    return _write_site(site, fields, by=by)


@transaction.atomic
def correct_site(site: Site, *, by: User, **fields: Any) -> Site:
    """As `change_site`, at any time; whoever calls this has looked at the clerk's right and tells those concerned."""
    return _write_site(Site.objects.select_for_update().get(pk=site.pk), fields, by=by)


def _refuse_move(devices: Sequence[Device] | models.QuerySet[Device]) -> None:
    """Whoever is on the way to a device must find it."""
    if fault := next(filter(None, (asked(list(devices)) for asked in collect.move_faults)), ""):
        raise Refused(fault)


def _write_site(site: Site, fields: dict[str, Any], *, by: User) -> Site:
    before = {name: getattr(site, name) for name in fields}
    if before == fields:
        return site
    for name, value in fields.items():
        setattr(site, name, value)
    site.save(update_fields=list(fields))
    changed = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
    record("site.changed", by=by, about=[site], data={"changed": changed})
    tell_changed(_hold(site.devices.all()), by=by)
    return site


@transaction.atomic
def add_device(site: Site, new: NewDevice, *, by: User, once_key: Any = None) -> Device:
    """A device with its units. Each nameplate is attached, goes to the clerks, or becomes a claim."""
    _one_after_the_other(site.customer)
    _demand_owner(site, by)
    if once_key and (before := Device.objects.filter(site__customer=site.customer, once_key=once_key).first()):
        return before
    if [plate.role for plate in new.nameplates] != ROLES_OF_KIND[new.kind]:
        raise Refused(_("A monobloc has one unit, a split has an outdoor and an indoor one."))
    device = Device(site=site, kind=new.kind, name=new.name)
    if once_key:
        device.once_key = once_key
    device.save()
    first = new.nameplates[0]
    record("device.added", by=by, about=[device, site], data={"name": new.name or f"{first.model} {first.serial}"})
    for position, plate in enumerate(new.nameplates):
        device_unit = DeviceUnit.objects.create(
            device=device,
            role=plate.role,
            position=position,
            model=plate.model,
            serial=plate.serial,
        )
        _settle(device_unit, plate, by=by)
    if not new.name:
        device.name = device.units.get(position=0).model
        device.save(update_fields=["name"])
    return device


def _settle(device_unit: DeviceUnit, plate: Nameplate, *, by: User) -> None:
    """Attaches a unit that is free; claims one that is held; asks the clerks about any other."""
    unit = _matching_unit(device_unit) if plate.looked_up else None
    if unit and not DeviceUnit.objects.filter(unit=unit).exists():
        _attach(device_unit, unit, by=by)
    elif unit and plate.claim_reason:
        _claim(device_unit, reason=plate.claim_reason, proofs=plate.claim_proofs, by=by)
    elif plate.photos:
        _send_photos(device_unit, plate.photos, by=by)


def _matching_unit(device_unit: DeviceUnit) -> Unit | None:
    """The unit of the register with this number, model and role; locked, so that it is attached once."""
    return (
        Unit.objects.select_for_update(of=("self",))
        .filter(
            key=device_unit.serial_key,
            product__code_key=model_key(device_unit.model),
            product__role=device_unit.role,
        )
        .first()
    )


def _attach(device_unit: DeviceUnit, unit: Unit, *, by: User) -> None:
    _enter(device_unit, unit, by=by)
    tell_changed([device_unit.device], by=by)


def _enter(device_unit: DeviceUnit, unit: Unit, *, by: User) -> None:
    """Ties a nameplate to its unit. Whoever calls this tells of the change."""
    device_unit.unit = unit
    device_unit.model, device_unit.serial = unit.product.code, unit.serial
    device_unit.save()
    record(
        "unit.attached",
        by=by,
        about=[device_unit.device, unit, device_unit],
        data={"serial": unit.serial},
    )


def _send_photos(device_unit: DeviceUnit, photos: Iterable[Document], *, by: User) -> NameplateCheck:
    check = NameplateCheck.objects.create(device_unit=device_unit)
    check.photos.set(photos)
    _attach_new(photos)
    record(
        "nameplate.sent",
        by=by,
        about=[device_unit.device, check],
        data={"serial": device_unit.serial},
    )
    return check


def _attach_new(documents: Iterable[Document]) -> None:
    """Those that came with a registration were attached to it already."""
    attach([document for document in documents if not document.attached_at])


def _claim(device_unit: DeviceUnit, *, reason: str, proofs: Iterable[Document], by: User) -> Claim:
    claim = Claim.objects.create(device_unit=device_unit, reason=reason)
    claim.proofs.set(proofs)
    _attach_new(proofs)
    record(
        "claim.made",
        by=by,
        about=[device_unit.device, claim],
        data={"serial": device_unit.serial},
        reason=reason,
    )
    return claim


@transaction.atomic
def change_device(device: Device, *, name: str, site: Site, by: User) -> Device:
    """Renames a device or moves it to another site of the same customer, unless somebody is on the way to it."""
    device = Device.objects.select_for_update(of=("self",)).select_related("site").get(pk=device.pk)
    if site.customer_id != device.site.customer_id:
        raise Refused(_("A device can only be moved to another site of the same customer."))
    for place in (device.site, site):
        _demand_owner(place, by)
    if device.name != name:
        record(
            "device.changed",
            by=by,
            about=[device],
            data={"old": device.name, "new": name},
        )
    if device.site_id != site.pk:
        _refuse_move([device])
        record("device.moved", by=by, about=[device, device.site, site], data={"name": name})
    device.name, device.site = name, site
    device.save(update_fields=["name", "site"])
    tell_changed([device], by=by)
    return device


@transaction.atomic
def correct_nameplates(units: dict[str, DeviceUnit], plates: Iterable[Nameplate], *, by: User) -> list[DeviceUnit]:
    """The owner corrects several nameplates of a device, all or none; `units` are named by their roles."""
    return [correct_nameplate(units[plate.role], plate, by=by) for plate in plates]


@transaction.atomic
def correct_nameplate(device_unit: DeviceUnit, plate: Nameplate, *, by: User) -> DeviceUnit:
    """The owner corrects a nameplate that is not confirmed. What a clerk has on the desk is not changed."""
    imports.share_register()
    device_unit = (
        DeviceUnit.objects.select_for_update(of=("self",)).select_related("device__site").get(pk=device_unit.pk)
    )
    _demand_owner(device_unit.device.site, by)
    if device_unit.unit_id:
        raise Refused(_("This unit is confirmed. Write to us if its serial number is wrong all the same."))
    if device_unit.checks.waiting().exists() or device_unit.claims.waiting().exists():
        raise Refused(_("We are looking at this nameplate. You can correct it when you have our answer."))
    old = device_unit.serial
    device_unit.model, device_unit.serial = plate.model, plate.serial
    device_unit.save()
    if serial_key(old) != device_unit.serial_key:
        record(
            "unit.corrected",
            by=by,
            about=[device_unit.device],
            data={"old": old, "serial": device_unit.serial},
        )
    _settle(device_unit, plate, by=by)
    return device_unit


def _open_case(case: Any) -> Any:
    """The case, locked; refused with the name of the colleague who answered it before.

    The unit of the device is locked first, as everywhere: two acts about it never wait for each other.
    """
    imports.share_register()
    DeviceUnit.objects.select_for_update().get(pk=case.device_unit_id)
    case = type(case).objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=case.pk)
    if case.decision:
        raise Refused(
            _("%(who)s has answered this case already: %(answer)s.")
            % {"who": case.decided_by, "answer": case.get_decision_display()}
        )
    return case


def _close_case(case: Any, decision: str, *, by: User, answer: str = "") -> None:
    case.decision, case.decided_at, case.decided_by, case.answer = (
        decision,
        timezone.now(),
        by,
        answer,
    )
    case.save()


def _tell(device_unit: DeviceUnit, kind: str, *, about: Any, **context: Any) -> None:
    device = device_unit.device
    tell_members(
        device.site.customer,
        kind,
        context={
            "device": device.name,
            "serial": device_unit.serial,
            **context,
        },
        area=Area.TECHNICAL,
        site=device.site_id,
        path=reverse("device", args=[device.pk]),
        about=[device, about],
    )


@transaction.atomic
def confirm_nameplate(
    check: NameplateCheck,
    *,
    product: Product,
    serial: str,
    by: User,
    made_on: date | None = None,
) -> NameplateCheck:
    """The photo is right: the unit goes into the register, and so to the device."""
    check = _open_case(check)
    device_unit = check.device_unit
    if product.role != device_unit.role:
        raise Refused(_("This product is another kind of unit than the one that the owner entered."))
    if not serial_key(serial):
        raise Refused(_("The serial number has neither letters nor digits."))
    unit, is_new = Unit.objects.get_or_create(
        key=serial_key(serial),
        defaults={"product": product, "serial": serial, "made_on": made_on},
    )
    Unit.objects.select_for_update().get(pk=unit.pk)
    if unit.product_id != product.pk:
        raise Refused(_("The register has this serial number under another product: %(unit)s.") % {"unit": unit})
    if DeviceUnit.objects.filter(unit=unit).exists():
        raise Refused(_("Another device holds this unit. The owner can claim it."))
    if is_new:
        record("unit.registered", by=by, about=[unit], data={"serial": unit.serial})
    _attach(device_unit, unit, by=by)
    _close_case(check, NameplateCheck.Decision.ATTACHED, by=by)
    _tell(device_unit, "devices/unit_attached", about=check)
    return check


@transaction.atomic
def refuse_nameplate(check: NameplateCheck, *, answer: str, by: User) -> NameplateCheck:
    """The photo does not show what was typed; the owner is told what to do."""
    return _refuse(check, "nameplate", answer=answer, by=by)


def _refuse(case: Any, what: str, *, answer: str, by: User) -> Any:
    """Closes a case with a no, which needs words for the owner."""
    if not answer.strip():
        raise Refused(_("Say why, and what the owner can do; the owner reads it."))
    case = _open_case(case)
    _close_case(case, "refused", by=by, answer=answer)
    device_unit = case.device_unit
    record(
        f"{what}.refused",
        by=by,
        about=[device_unit.device, case],
        data={"serial": device_unit.serial},
        reason=answer,
    )
    _tell(device_unit, f"devices/{what}_refused", about=case, answer=answer)
    return case


@transaction.atomic
def grant_claim(claim: Claim, *, by: User, answer: str = "") -> Claim:
    """The claimant has shown that the unit is theirs: it leaves the device that held it, and both are told."""
    claim = _open_case(claim)
    device_unit = claim.device_unit
    unit = _matching_unit(device_unit)
    if unit is None:
        raise Refused(_("The register has no such unit any more."))
    holder = DeviceUnit.objects.select_for_update(of=("self",)).filter(unit=unit).first()
    if holder:
        _hold(Device.objects.filter(units__in=[holder, device_unit]))
        for told in collect.units_moved:
            told(holder, device_unit, by)
        _release(holder, by=by)
    _attach(device_unit, unit, by=by)
    _close_case(claim, Claim.Decision.GRANTED, by=by, answer=answer)
    record(
        "claim.granted",
        by=by,
        about=[device_unit.device, claim],
        data={"serial": unit.serial},
        reason=answer,
    )
    _tell(device_unit, "devices/claim_granted", about=claim, answer=answer)
    return claim


def _release(holder: DeviceUnit, *, by: User) -> None:
    """Takes a unit away from the device that held it. The new owner is not named."""
    holder.unit = None
    holder.save(update_fields=["unit"])
    record("unit.transferred", by=by, about=[holder.device], data={"serial": holder.serial})
    tell_changed([holder.device], by=by)
    _tell(holder, "devices/unit_transferred", about=holder)


@transaction.atomic
def refuse_claim(claim: Claim, *, answer: str, by: User) -> Claim:
    """The unit stays where it is."""
    return _refuse(claim, "claim", answer=answer, by=by)


@transaction.atomic
def attach_waiting(keys: Iterable[str], *, by: User) -> int:
    """Units came into the register: attaches the devices that waited for these numbers and tells the owners.

    The caller has the register for itself. Returns how many were attached. A second run finds nothing to do.
    """
    keys = list(keys)
    waiting = (
        DeviceUnit.objects.select_for_update(of=("self",))
        .waiting_for_register()
        .filter(serial_key__in=keys)
        .order_by("pk")
    )
    found, attached = list(waiting), []
    # With those that hold such a unit: `_tell_holders` follows in the same transaction.
    _hold(Device.objects.filter(units__serial_key__in=keys))
    for device_unit in found:
        unit = _matching_unit(device_unit)
        if unit is None or DeviceUnit.objects.filter(unit=unit).exists():
            continue
        _enter(device_unit, unit, by=by)
        for check in device_unit.checks.waiting():
            _close_case(check, NameplateCheck.Decision.ATTACHED, by=by)
        _tell(device_unit, "devices/unit_attached", about=unit)
        attached.append(device_unit.device)
    tell_changed(attached, by=by)
    return len(attached)


def set_purchase_date(device: Device, *, purchased_on: date, by: User) -> None:
    """A clerk has seen the invoice. Called inside the transaction of that answer."""
    Device.objects.filter(pk=device.pk).update(purchased_on=purchased_on)
    record(
        "purchase.confirmed",
        by=by,
        about=[device],
        data={"date": purchased_on.isoformat()},
    )
    tell_changed([device], by=by)


@transaction.atomic
def save_unit(unit: Unit, *, by: User) -> Unit:
    """A unit enters the register or is corrected there; devices that waited for its number attach themselves."""
    imports.lock(Unit)
    unit.derive()
    if not unit.key:
        raise Refused(_("The serial number has neither letters nor digits."))
    if Unit.objects.filter(key=unit.key).exclude(pk=unit.pk).exists():
        raise Refused(_("The register has this serial number already."))
    old = Unit.objects.select_for_update().filter(pk=unit.pk).first()
    moved = old and (old.key, old.product_id) != (unit.key, unit.product_id)
    if moved and DeviceUnit.objects.filter(unit=old).exists():
        raise Refused(_("This unit is in a customer's device; only the dates can be corrected."))
    unit.save()
    record(
        "unit.changed" if old else "unit.registered",
        by=by,
        about=[unit],
        data={"serial": unit.serial},
    )
    attach_waiting([unit.key], by=by)
    _tell_holders([unit.key], by=by)
    return unit


@transaction.atomic
def save_product(product: Product, *, by: User) -> Product:
    """A product is added or corrected; devices that waited for this model attach themselves."""
    imports.lock(Unit)
    old = Product.objects.select_for_update().filter(pk=product.pk).first()
    if Product.objects.filter(code_key=model_key(product.code)).exclude(pk=product.pk).exists():
        raise Refused(_("There is a product with this model already."))
    if old and old.role != product.role and DeviceUnit.objects.filter(unit__product=old).exists():
        raise Refused(_("Customers have units of this product; its kind of unit cannot change."))
    product.save()
    record(
        "product.changed" if old else "product.added",
        by=by,
        about=[product],
        data={"model": product.code},
    )
    if old and (old.code_key, old.role) != (product.code_key, product.role):
        attach_waiting(product.units.values_list("key", flat=True), by=by)
    if old and _names(old) != _names(product):
        tell_changed(_hold(Device.objects.filter(units__unit__product=product)), by=by)
    return product


def _names(product: Product) -> tuple[str, ...]:
    """What papers call a product."""
    return product.code, product.name, product.maker


@transaction.atomic
def import_table(document: Document, kind: type[Unit] | type[Product], *, by: User) -> imports.Report:
    """Writes a checked CSV or XLSX file, all of it or nothing. A second run is refused: the file is attached."""
    attach([document])
    imports.lock(kind)
    with document.file.open("rb") as file:
        report = imports.check(imports.read(file.read(), kind), kind)
    if report.count(imports.ERROR):
        raise Refused(_("The register has changed since the file was checked. Look at the report again."))
    imports.write(report, kind)
    counts = {
        "added": report.count(imports.NEW),
        "changed": report.count(imports.CHANGED),
        "file": document.name,
    }
    if kind is Product:
        record("products.imported", by=by, about=[document], data=counts)
        codes = [line.row.code_key for line in report.having(imports.CHANGED)]
        tell_changed(_hold(Device.objects.filter(units__unit__product__code_key__in=codes)), by=by)
        return report
    record("register.imported", by=by, about=[document], data=counts)
    attach_waiting([unit.key for unit in report.rows], by=by)
    _tell_holders([line.row.key for line in report.having(imports.CHANGED)], by=by)
    return report


def _tell_holders(keys: Iterable[str], *, by: User) -> None:
    """The register says something else about these units: for the devices that have them, dates may follow."""
    tell_changed(_hold(Device.objects.filter(units__unit__key__in=list(keys))), by=by)

"""The kinds of services and the checklists that come with the portal. The office edits and publishes its own after."""

from typing import Any

from django.utils import timezone

from services.checklists import Group, Item, freeze, plain_number, template_faults
from services.languages import columns
from services.models.checklist import write_choices
from services.shipped import inspection, installation_check, repair, start_up
from services.shipped.kinds import KINDS

CHECKLISTS = {
    "first_start_up": start_up.GROUPS,
    "inspection": inspection.GROUPS,
    "repair": repair.GROUPS,
    "installation_check": installation_check.GROUPS,
}


def ship(apps: Any) -> None:
    """Enters what is not there yet; `apps` are those of a migration. What the office has changed stays."""
    kinds, checklists = apps.get_model("services", "ServiceKind"), apps.get_model("services", "Checklist")
    for position, (code, facts) in enumerate(KINDS.items(), start=1):
        kind, _new = kinds.objects.get_or_create(code=code, defaults={"position": position * 10, **facts})
        checklist, is_new = checklists.objects.get_or_create(service_kind=kind, device_kind="")
        if is_new:
            _fill(apps, checklist, CHECKLISTS[code])


def _fill(apps: Any, checklist: Any, groups: list[Group]) -> None:
    """The working copy, and version 1 of the same content."""
    faults = template_faults(groups)
    assert not faults, faults
    group_rows, item_rows = apps.get_model("services", "ChecklistGroup"), apps.get_model("services", "ChecklistItem")
    for group in groups:
        group_rows.objects.create(
            checklist=checklist, number=int(group.number), device_kind=group.device_kind,
            **columns("title", group.titles),
        )  # fmt: skip
        item_rows.objects.bulk_create(item_rows(checklist=checklist, **_row(item)) for item in group.items)
    versions = apps.get_model("services", "ChecklistVersion")
    versions.objects.create(checklist=checklist, number=1, content=freeze(groups), published_at=timezone.now())


def _row(item: Item) -> dict[str, Any]:
    """The columns of an item."""
    return {
        **columns("label", item.labels),
        **columns("help", item.helps),
        "number": int(item.number),
        "filled_by": item.filled_by,
        "kind": item.kind,
        "required": item.required,
        "unit": item.unit,
        "minimum": item.minimum and plain_number(item.minimum),
        "maximum": item.maximum and plain_number(item.maximum),
        "choices": write_choices(item.choices),
        "form_check": item.form_check,
        "depends_on": int(item.depends_on) if item.depends_on else None,
        "depends_values": ", ".join(item.depends_values),
    }

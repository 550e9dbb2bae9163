"""The kinds of services and the checklists that come with the portal; the office edits and publishes its own after.

shipped.json is what they were, in each language: no later change of the code changes what a new installation begins
with. Of a checklist it has the content of version 1, of which the rows of the working copy are made here.
"""

import json
from pathlib import Path

from django.db import migrations
from django.utils import timezone

SHIPPED = Path(__file__).with_name("shipped.json")
LANGUAGES = ("pl", "cs", "en")


def shipped():
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


def ship(apps, schema_editor=None):
    """Enters what is not there yet. What the office has changed stays."""
    found = shipped()
    kinds, checklists = apps.get_model("services", "ServiceKind"), apps.get_model("services", "Checklist")
    for position, (code, facts) in enumerate(found["kinds"].items(), start=1):
        kind, _new = kinds.objects.get_or_create(code=code, defaults={"position": position * 10, **facts})
        checklist, is_new = checklists.objects.get_or_create(service_kind=kind, device_kind="")
        if is_new:
            _fill(apps, checklist, found["checklists"][code])


def _fill(apps, checklist, content):
    group_rows, item_rows = apps.get_model("services", "ChecklistGroup"), apps.get_model("services", "ChecklistItem")
    for group in content:
        titles = _columns("title", group["titles"])
        group_rows.objects.create(
            checklist=checklist, number=int(group["number"]), device_kind=group["device_kind"], **titles
        )
        item_rows.objects.bulk_create(item_rows(checklist=checklist, **_row(item)) for item in group["items"])
    versions = apps.get_model("services", "ChecklistVersion")
    versions.objects.create(checklist=checklist, number=1, content=content, published_at=timezone.now())


def _row(item):
    """The columns of an item."""
    same = ("filled_by", "kind", "required", "unit", "minimum", "maximum", "form_check")
    return {
        **{name: item[name] for name in same},
        **_columns("label", item["labels"]),
        **_columns("help", item["helps"]),
        "number": int(item["number"]),
        "choices": "\n".join(map(_choice, item["choices"])),
        "depends_on": int(item["depends_on"]) if item["depends_on"] else None,
        "depends_values": ", ".join(item["depends_values"]),
    }


def _columns(name, texts):
    return {f"{name}_{language}": texts.get(language, "") for language in LANGUAGES}


def _choice(choice):
    """A line of the working copy: "yes = Tak | Ano | Yes", or "r32 = R32" where all languages say the same."""
    labels = [choice["labels"][language] for language in LANGUAGES]
    return f"{choice['value']} = {labels[0] if len(set(labels)) == 1 else ' | '.join(labels)}"


class Migration(migrations.Migration):
    dependencies = [("services", "0002_versions_are_final")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]

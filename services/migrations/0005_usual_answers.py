"""Items may say what is usual, and check a telephone number or a day; the shipped checklists do so in version 2.

What the office has changed stays: a checklist of which it has published a version of its own gets none from here, and
an item that it has changed in the working copy is left as it is.
"""

import copy

from django.db import migrations, models
from django.utils import timezone

LANGUAGES = ("pl", "cs", "en")
VOLTAGE = {"usual_minimum": "207", "usual_maximum": "253"}
# What becomes of the items of the shipped checklists; "helps" in the order of LANGUAGES.
CHANGES = {
    "first_start_up": {
        "102": {"form_check": "phone"},
        "103": {"form_check": "past"},
        "611": {
            "usual_maximum": "80",
            "helps": ("Decyduje instrukcja urządzenia.", "Rozhoduje návod k zařízení.", "The manual decides."),
        },
        "612": {"usual_minimum": "30", "helps": ("", "", "")},
        "701": {"usual_minimum": "1.2", "usual_maximum": "2", "helps": ("", "", "")},
        "707": {
            "usual_minimum": "12",
            "helps": (
                "Nie mniej niż w instrukcji, także przy odszranianiu.",
                "Ne méně, než uvádí návod, i při odtávání.",
                "Not below the manual's figure, during defrosting too.",
            ),
        },
        "902": VOLTAGE | {
            "helps": (
                "Przy trzech fazach najniższe z trzech.", "U tří fází nejnižší ze tří.",
                "With three phases the lowest of them.",
            ),
        },
        "1004": {"lower_than": "1003"},
    },
    "inspection": {
        "307": {
            "usual_minimum": "12",
            "helps": ("Nie mniej niż w instrukcji.", "Ne méně, než uvádí návod.", "Not below the manual's figure."),
        },
        "702": VOLTAGE | {"helps": ("", "", "")},
        "803": {"lower_than": "802"},
    },
}  # fmt: skip


def change(apps, schema_editor):
    checklists = apps.get_model("services", "Checklist").objects.filter(device_kind="")
    for checklist in checklists.filter(service_kind__code__in=CHANGES).select_related("service_kind"):
        changes = CHANGES[checklist.service_kind.code]
        versions = apps.get_model("services", "ChecklistVersion").objects.filter(checklist=checklist)
        first = versions.filter(number=1, published_by=None).first()
        if first is None:
            continue
        for group in first.content:
            for item in group["items"]:
                if item["number"] in changes:
                    _change_row(apps, checklist, item, changes[item["number"]])
        if versions.count() == 1:
            versions.create(
                checklist=checklist, number=2, content=changed(first.content, changes), published_at=timezone.now()
            )


def _change_row(apps, checklist, shipped, changes):
    """The item of the working copy, where it is as it was shipped."""
    helps = {f"help_{language}": shipped["helps"].get(language, "") for language in LANGUAGES}
    row = apps.get_model("services", "ChecklistItem").objects.filter(
        checklist=checklist, number=int(shipped["number"]), kind=shipped["kind"], form_check=shipped["form_check"],
        minimum=shipped["minimum"], maximum=shipped["maximum"], **helps,
    )  # fmt: skip
    new = dict(changes)
    for language, words in zip(LANGUAGES, new.pop("helps", ()), strict=False):
        new[f"help_{language}"] = words
    row.update(**new)


def changed(content, changes):
    new = copy.deepcopy(content)
    for group in new:
        for item in group["items"]:
            item |= {"usual_minimum": None, "usual_maximum": None, "lower_than": ""} | changes.get(item["number"], {})
            if isinstance(item["helps"], tuple):
                item["helps"] = dict(zip(LANGUAGES, item["helps"], strict=True))
    return new


class Migration(migrations.Migration):
    dependencies = [("services", "0004_who_may_do_it")]

    operations = [
        migrations.AddField(
            model_name="checklistitem",
            name="usual_minimum",
            field=models.DecimalField(
                blank=True, decimal_places=3, max_digits=12, null=True, verbose_name="usually at least",
                help_text="An unusual number is pointed out to whoever answers, and taken all the same.",
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="usual_maximum",
            field=models.DecimalField(
                blank=True, decimal_places=3, max_digits=12, null=True, verbose_name="usually at most"
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
            name="lower_than",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="usually lower than the item",
                help_text="The number of an earlier item. An answer that is not lower is pointed out, and taken.",
            ),
        ),
        migrations.AlterField(
            model_name="checklistitem",
            name="form_check",
            field=models.CharField(
                blank=True,
                choices=[
                    ("fgas", "number of an F-gas certificate"), ("phone", "telephone number"),
                    ("past", "day that is not in the future"),
                ],
                help_text=(
                    "An odd number of a certificate is pointed out and taken all the same. "
                    "What is no telephone number, or a day that is still ahead, has to be corrected."
                ),
                max_length=10,
                verbose_name="look at its form",
            ),
        ),
        migrations.RemoveConstraint(model_name="checklistversion", name="checklist_published_whole"),
        migrations.AddConstraint(
            model_name="checklistversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at__isnull", False),
                    models.Q(("number__lte", 2), ("published_by__isnull", False), _connector="OR"),
                ),
                name="checklist_published_whole",
            ),
        ),
        migrations.RunPython(change, migrations.RunPython.noop),
    ]  # fmt: skip

"""Inspections are counted from the first start-up now: a worker counts the devices anew for which that may differ."""

from typing import Any

from django.db import migrations
from django.db.models import Q


def leave_to_worker(apps: Any, _schema: Any) -> None:
    covers = apps.get_model("warranty", "Cover").objects.filter(next_inspection_on__isnull=False)
    found = covers.filter(Q(rule__start="purchase") | Q(started_up_on=None)).values_list("device_id", flat=True)
    recount = apps.get_model("warranty", "Recount")
    recount.objects.bulk_create(recount(device_id=pk, by=None) for pk in found)


class Migration(migrations.Migration):
    dependencies = [("warranty", "0006_rules_are_counted_as_other_changes")]

    operations = [migrations.RunPython(leave_to_worker, migrations.RunPython.noop)]

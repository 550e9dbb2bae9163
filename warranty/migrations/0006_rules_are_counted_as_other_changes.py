"""A new rule leaves its devices to the worker as any other change does; one that waits is not forgotten."""

from django.db import migrations

WAITING = """
INSERT INTO warranty_recount (device_id, asked_at)
SELECT DISTINCT place.device_id, now() FROM warranty_warrantyrule rule
JOIN devices_unit unit ON unit.product_id = rule.product_id
JOIN devices_deviceunit place ON place.unit_id = unit.id
WHERE rule.applied_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("warranty", "0005_cards_without_people")]

    operations = [
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="warrantyrule", name="applied_at"),
    ]

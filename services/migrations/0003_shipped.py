"""The kinds of services and the checklists that come with the portal."""

from django.db import migrations

from services.shipped import ship


def forward(apps, schema_editor):
    ship(apps)


class Migration(migrations.Migration):
    dependencies = [("services", "0002_versions_are_final")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

"""The kinds of services and the checklists that come with the portal.

Unlike other migrations this one calls today's code: a frozen copy of the checklists would be thousands of lines that
nobody can read. Each run of the tests installs from nothing, so a change of the engine that breaks it shows at once.
"""

from django.db import migrations

from services.shipped import ship


def forward(apps, schema_editor):
    ship(apps)


class Migration(migrations.Migration):
    dependencies = [("services", "0002_versions_are_final")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]

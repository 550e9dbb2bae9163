"""The groups of the office get the rights over customers' data that came with accounts: a change is a new migration."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

REQUESTS = ["view_changerequest", "decide_changerequest"]
CUSTOMERS = ["see_as_customer", "change_membership"]
MORE = {
    "reviewer": REQUESTS,
    "dispatcher": [*REQUESTS, *CUSTOMERS],
    "manager": [
        *REQUESTS, *CUSTOMERS, "view_erasurerequest", "decide_erasurerequest",
        "view_legaltext", "add_legaltext", "change_legaltext", "publish_legaltext",
    ],
}  # fmt: skip


def add_rights(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    create_permissions(installed.get_app_config("accounts"), verbosity=0, using=schema_editor.connection.alias)
    groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, rights in MORE.items():
        found = permissions.objects.filter(content_type__app_label="accounts", codename__in=rights)
        # Somebody may have renamed a group.
        group, _new = groups.objects.get_or_create(name=name)
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_protocols_without_people"), ("accounts", "0007_views_as_a_customer")]

    # The groups stay when this is taken back, with the rights that they have.
    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]

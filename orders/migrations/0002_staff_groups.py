"""The groups of the office. What each may do is written here; a change is a new migration."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE_CASES = [
    "accounts.view_customer", "accounts.view_user", "devices.view_site", "devices.view_device",
    "devices.view_product", "devices.view_unit", "orders.view_order",
]  # fmt: skip
REVIEWER = [
    *SEE_CASES, "orders.review_order",
    "devices.view_nameplatecheck", "devices.decide_nameplatecheck", "devices.view_claim", "devices.decide_claim",
]  # fmt: skip
DISPATCHER = [
    *SEE_CASES, "accounts.view_partner", "accounts.decide_partner", "portal.view_message", "portal.change_message",
    "devices.view_registration",
]  # fmt: skip
MANAGER = [
    *REVIEWER, *DISPATCHER, "accounts.add_user", "accounts.change_user", "devices.add_product",
    "devices.change_product", "devices.add_unit", "devices.change_unit", "portal.view_event",
]  # fmt: skip
GROUPS = {"reviewer": REVIEWER, "dispatcher": DISPATCHER, "manager": MANAGER}


def make_groups(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    for label in ("accounts", "devices", "orders", "portal"):
        create_permissions(
            installed.get_app_config(label),
            verbosity=0,
            using=schema_editor.connection.alias,
        )
    groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, rights in GROUPS.items():
        group, _new = groups.objects.get_or_create(name=name)
        found = [
            permissions.objects.get(content_type__app_label=app, codename=codename)
            for app, _dot, codename in (right.partition(".") for right in set(rights))
        ]
        group.permissions.set(found)


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("accounts", "0001_initial"),
        ("devices", "0001_initial"),
        ("portal", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]

"""The groups of the office, now with services and warranties: what each may do. A change is a new migration."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE_CASES = [
    "accounts.view_customer", "accounts.view_user", "devices.view_site", "devices.view_device",
    "devices.view_product", "devices.view_unit", "orders.view_order", "orders.view_service",
    "services.view_servicekind", "services.view_checklist", "services.view_checklistversion",
    "services.view_qualification", "services.view_certificate",
    "warranty.view_warrantyrule", "warranty.view_warrantycard", "warranty.view_cover", "warranty.view_servicerecord",
]  # fmt: skip
REVIEWER = [
    *SEE_CASES, "orders.review_order",
    "devices.view_nameplatecheck", "devices.decide_nameplatecheck", "devices.view_claim", "devices.decide_claim",
]  # fmt: skip
DISPATCHER = [
    *SEE_CASES, "accounts.view_partner", "accounts.change_partner", "accounts.decide_partner",
    "portal.view_message", "portal.change_message", "devices.view_registration", "orders.assign_order",
    "services.add_qualification", "services.change_qualification",
    "services.add_certificate", "services.change_certificate", "warranty.add_servicerecord",
]  # fmt: skip
MANAGER = [
    *REVIEWER, *DISPATCHER, "accounts.add_user", "accounts.change_user", "devices.add_product",
    "devices.change_product", "devices.add_unit", "devices.change_unit", "portal.view_event", "portal.export_lists",
    "services.add_servicekind", "services.change_servicekind", "services.add_checklist", "services.change_checklist",
    "services.publish_checklist", "warranty.add_warrantyrule",
]  # fmt: skip
GROUPS = {"reviewer": REVIEWER, "dispatcher": DISPATCHER, "manager": MANAGER}


def make_groups(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    for label in ("accounts", "devices", "orders", "portal", "services", "warranty"):
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


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_protocols_are_final"),
        ("accounts", "0002_partnermembership_role"),
        ("devices", "0002_delivered_on"),
        ("portal", "0004_export_right"),
        ("services", "0003_shipped"),
        ("warranty", "0002_what_is_published_is_final"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # The groups stay when this is taken back, with the rights that they have.
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]

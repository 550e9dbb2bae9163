"""Each customer gets a number, in the order in which they came; grants that stand began when they were made."""

from django.db import migrations, models
from django.db.models.functions import TruncDate


def number_customers(apps, schema_editor):
    customers = apps.get_model("accounts", "Customer").objects
    last = 0
    for last, pk in enumerate(customers.order_by("pk").values_list("pk", flat=True), start=1):
        customers.filter(pk=pk).update(number=f"K-{last:06d}")
    if last:
        apps.get_model("portal", "NumberSeries").objects.update_or_create(kind="K", year=0, defaults={"last": last})


def date_grants(apps, schema_editor):
    apps.get_model("accounts", "Membership").objects.update(starts_on=TruncDate("created_at"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people_and_rights"), ("portal", "0005_trail_is_not_emptied")]

    operations = [
        migrations.RunPython(number_customers, migrations.RunPython.noop),
        migrations.RunPython(date_grants, migrations.RunPython.noop),
        # PostgreSQL alters no table whose rows have checks left to do in the same transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="customer",
            name="number",
            field=models.CharField(editable=False, max_length=12, unique=True, verbose_name="customer number"),
        ),
        migrations.AlterField("consent", "at", models.DateTimeField(verbose_name="when")),
    ]

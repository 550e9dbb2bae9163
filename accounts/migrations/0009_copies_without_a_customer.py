import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_ends_that_are_told")]

    operations = [
        migrations.AlterField(
            "dataexport",
            "customer",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exports",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.RemoveConstraint("dataexport", "one_export_at_a_time"),
        migrations.AddConstraint(
            "dataexport",
            models.UniqueConstraint(
                condition=models.Q(state="waiting"),
                fields=("customer", "asked_by"),
                name="one_export_at_a_time",
                nulls_distinct=False,
            ),
        ),
    ]

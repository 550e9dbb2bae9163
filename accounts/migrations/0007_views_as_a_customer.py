from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_export_claims")]

    operations = [
        migrations.AddConstraint(
            "supportview",
            models.UniqueConstraint(
                fields=["staff"], condition=models.Q(ended_at=None), name="one_open_view_per_clerk"
            ),
        ),
        migrations.AddConstraint(
            "supportview",
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("started_at"))
                & (
                    models.Q(ended_at=None)
                    | models.Q(ended_at__gte=models.F("started_at"), ended_at__lte=models.F("ends_at"))
                ),
                name="view_ends_after_it_starts",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_staff_groups_services")]

    operations = [
        migrations.AddField(
            model_name="service",
            name="to_assign_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(condition=models.Q(("submitted_at", None)), fields=["order"], name="service_never_sent"),
        ),
    ]

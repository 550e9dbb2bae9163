from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_attachments"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={
                "ordering": ["-at", "-pk"],
                "permissions": [("export_lists", "Can take lists of the back office away as tables")],
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0002_trail_is_final"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="calendar",
            field=models.TextField(blank=True, verbose_name="calendar entry"),
        ),
        migrations.AddField(
            model_name="message",
            name="documents",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="portal.document", verbose_name="attachments"
            ),
        ),
    ]

from django.db import migrations, models
from django.utils import timezone


def note_old_ends(apps, schema_editor):
    """What ended before anybody was told of ends is not told now."""
    ended = apps.get_model("accounts", "Membership").objects.filter(ends_on__lt=timezone.localdate())
    ended.update(end_told_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_views_as_a_customer")]

    operations = [
        migrations.AddField("membership", "end_told_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(note_old_ends, migrations.RunPython.noop),
    ]

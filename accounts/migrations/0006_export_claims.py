from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_legal_texts")]

    operations = [
        migrations.AddField("dataexport", "rights", models.JSONField(default=dict, editable=False)),
        migrations.AddField("dataexport", "claimed_at", models.DateTimeField(editable=False, null=True)),
    ]

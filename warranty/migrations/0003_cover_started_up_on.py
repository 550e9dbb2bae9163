from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("warranty", "0002_what_is_published_is_final")]

    operations = [
        migrations.AddField(
            model_name="cover",
            name="started_up_on",
            field=models.DateField(blank=True, null=True, verbose_name="first start-up"),
        ),
    ]

"""The partner has a time to answer where the owner asks to move the visit."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_staff_groups_accounts")]

    operations = [
        migrations.RemoveConstraint(model_name="service", name="service_offered_or_accepted"),
        migrations.AddField(
            model_name="proposal",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=Q(answer_by=None) | Q(accepted_at=None) | Q(visit_starts__isnull=False),
                name="service_answers_offer_or_move",
            ),
        ),
    ]

"""One clock for whoever has an order; the owner has a time to answer proposed times."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Least
from django.utils import timezone


def fill(apps, schema_editor):
    service, proposal = (apps.get_model("orders", name) for name in ("Service", "Proposal"))
    for one in service.objects.filter(accepted_at__isnull=False, order__closed_at=None):
        one.turn_since = one.accepted_at
        one.save(update_fields=["turn_since"])
    agreed = ["accepted", "scheduled", "waiting"]
    now = timezone.now()
    for one in proposal.objects.filter(outcome="", by_owner=False, order__state__in=agreed):
        answer_by = min(one.made_at + timedelta(days=7), max(one.slots))
        service.objects.filter(order=one.order_id).update(answer_by=answer_by)
        if answer_by <= now:
            # Nobody is reminded of what was late before there were reminders.
            one.told_at = now
            one.save(update_fields=["told_at"])
    for one in proposal.objects.filter(outcome="", by_owner=True, order__state="scheduled"):
        moved = service.objects.filter(order=one.order_id, visit_starts__gt=now)
        moved.update(answer_by=Least(F("visit_starts"), Value(now + timedelta(days=1))))


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_seller_and_invoice")]

    operations = [
        migrations.RemoveConstraint(model_name="service", name="service_answers_offer_or_move"),
        migrations.RenameField("service", "to_assign_since", "turn_since"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

"""What every table has that keeps a clerk's answer: decision, decided_at and decided_by."""

from django.db.models import CheckConstraint, Q


def decision_whole(name: str) -> CheckConstraint:
    """Decision, time and clerk are set together or not at all."""
    return CheckConstraint(
        condition=Q(decision="", decided_at=None, decided_by=None)
        | ~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False),
        name=name,
    )

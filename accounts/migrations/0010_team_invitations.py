import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def let_go_of_the_unasked(apps, schema_editor):
    """Who was put into a team without being asked, and never chose a password, is in none: the team asks anew.

    The row stays, since orders and the trail may name it; person and address go, as in an erasure.
    """
    users, addresses = apps.get_model("accounts", "User"), apps.get_model("account", "EmailAddress")
    unasked = users.objects.filter(
        is_staff=False,
        password__startswith="!",  # noqa: S106  no password
        last_login=None,
        partner_memberships__isnull=False,
        memberships=None,
    )
    for person in unasked.distinct():
        person.partner_memberships.all().delete()
        addresses.objects.filter(user=person).delete()
        person.email, person.first_name, person.last_name = f"erased-{person.pk}@invalid", "", ""
        person.is_active, person.erased_at = False, timezone.now()
        person.save()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_copies_without_a_customer"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "language",
                    models.CharField(
                        choices=[("pl", "Polski"), ("cs", "Čeština"), ("en", "English")],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="sent")),
                ("expires_at", models.DateTimeField(verbose_name="link works until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "sent"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("withdrawn", "no longer valid"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                ("first_name", models.CharField(max_length=80, verbose_name="first name")),
                ("last_name", models.CharField(max_length=80, verbose_name="last name")),
                (
                    "role",
                    models.CharField(
                        choices=[("manager", "manager"), ("engineer", "engineer")], max_length=10, verbose_name="role"
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.partner",
                        verbose_name="service partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation to a team",
                "verbose_name_plural": "invitations to teams",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("partner", "email"),
                        name="one_open_team_invitation_per_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="team_invitation_closed_whole",
                    ),
                ],
            },
        ),
        migrations.RunPython(let_go_of_the_unasked, migrations.RunPython.noop),
    ]

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and customers")

    def ready(self) -> None:
        from accounts import queues
        from portal import collect
        from portal.events import Verb, describe

        collect.staff_queues.append(queues.partner_applications)
        describe(
            {
                "person.registered": Verb(_("Account opened"), "done"),
                "customer.founded": Verb(_("Customer record opened")),
                "consent.given": Verb(_("Agreed to data processing, version %(version)s of the text")),
                "password.changed": Verb(_("Password changed")),
                "partner.applied": Verb(_("Application as a service partner sent")),
                "partner.approved": Verb(_("Application approved"), "done"),
                "partner.refused": Verb(_("Application refused"), "problem"),
                "partner.areas_changed": Verb(_("Areas served changed")),
                "team.added": Verb(_("%(person)s taken into the team")),
                "team.manager": Verb(_("%(person)s made a manager of the team")),
                "team.engineer": Verb(_("%(person)s made an engineer of the team")),
                "team.removed": Verb(_("%(person)s taken out of the team")),
                "staff.added": Verb(_("Account of a colleague opened"), staff_only=True),
                "staff.changed": Verb(_("Access to the portal changed"), staff_only=True),
                "profile.changed": Verb(_("Own contact data changed")),
            }
        )

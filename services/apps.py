from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = _("Services and checklists")

    def ready(self) -> None:
        from portal import collect
        from portal.events import Verb, describe
        from portal.files.access import register_access
        from services import presenters, queues
        from services.models.partner import document_ids_visible_to
        from services.privacy import declare_privacy

        declare_privacy()
        collect.staff_queues += [queues.partners_to_complete, queues.ending_certificates]
        collect.partner_sections.append(presenters.certificates_section)
        register_access(document_ids_visible_to)
        describe(
            {
                "service.added": Verb(_("Kind of service added: %(service)s"), staff_only=True),
                "service.changed": Verb(_("Kind of service changed: %(service)s"), staff_only=True),
                "checklist.added": Verb(_("Checklist added"), staff_only=True),
                "checklist.edited": Verb(_("Checklist edited at [%(number)s]"), staff_only=True),
                "checklist.shortened": Verb(_("[%(number)s] removed from the checklist"), staff_only=True),
                "checklist.published": Verb(
                    _("Version %(number)s of the checklist published"), "done", staff_only=True
                ),
                "qualification.changed": Verb(_("Services of the partner: %(services)s")),
                "certificate.added": Verb(_("Certificate %(number)s, valid until %(date)s, entered"), "done"),
                "certificate.changed": Verb(_("Certificate %(number)s, valid until %(date)s, corrected")),
                "certificate.removed": Verb(_("Certificate %(number)s removed"), "attention"),
                "certificate.warned": Verb(_("Told that certificate %(number)s ends on %(date)s"), "attention"),
            }
        )

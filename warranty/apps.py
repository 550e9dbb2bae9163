from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WarrantyConfig(AppConfig):
    name = "warranty"
    verbose_name = _("Warranty")

    def ready(self) -> None:
        from portal import collect
        from portal.events import Verb, describe
        from portal.files.access import register_access
        from warranty import actions, queues
        from warranty.models import document_ids_visible_to
        from warranty.privacy import declare_privacy

        declare_privacy()
        collect.devices_changed.append(actions.devices_changed)
        collect.units_moved.append(actions.take_along)
        collect.device_notes.append(queues.inspection_notes)
        collect.next_inspections.append(queues.next_inspections)
        collect.device_sections.append(queues.warranty_section)
        register_access(document_ids_visible_to)
        describe(
            {
                "warranty.start_up": Verb(
                    _("First start-up done on %(date)s, proof %(number)s"),
                    "done",
                    unnumbered=_("First start-up done on %(date)s"),
                ),
                "warranty.inspection": Verb(
                    _("Inspection done on %(date)s, proof %(number)s"),
                    "done",
                    unnumbered=_("Inspection done on %(date)s"),
                ),
                "warranty.start_up_corrected": Verb(
                    _("First start-up corrected: %(date)s, proof %(number)s"),
                    unnumbered=_("First start-up corrected: %(date)s"),
                ),
                "warranty.inspection_corrected": Verb(
                    _("Inspection corrected: %(date)s, proof %(number)s"),
                    unnumbered=_("Inspection corrected: %(date)s"),
                ),
                "warranty.came_along": Verb(_("First start-up and inspections taken over with the unit %(serial)s")),
                "warranty.card_issued": Verb(_("Warranty card %(number)s issued"), "done"),
                "warranty.card_replaced": Verb(
                    _("Warranty card %(number)s replaces %(old)s"), "done", keeps=frozenset({"old"})
                ),
                "warranty.card_withdrawn": Verb(_("Warranty card %(number)s withdrawn"), "problem"),
                "warranty.card_drawn": Verb(_("PDF of warranty card %(number)s made"), staff_only=True),
                "warranty.rule_published": Verb(
                    _("Warranty of %(model)s: version %(version)s published"), staff_only=True
                ),
            }
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = _("Sites and devices")

    def ready(self) -> None:
        from devices import actions, queues
        from devices.models import document_ids_visible_to, sites_of
        from devices.privacy import declare_privacy
        from portal import collect
        from portal.access import Area
        from portal.events import Verb, describe
        from portal.files.access import register_access

        declare_privacy()
        collect.start_tabs.append(collect.Tab(_("Your devices"), "devices", 10, Area.TECHNICAL))
        collect.start_tabs.append(collect.Tab(_("Your sites"), "sites", 20))
        collect.places.append(sites_of)
        collect.customers_changed.append(actions.customer_changed)
        collect.device_notes.append(queues.unit_notes)
        collect.staff_queues.append(queues.nameplate_checks)
        collect.staff_queues.append(queues.claims)
        register_access(document_ids_visible_to)
        describe(
            {
                "site.added": Verb(_("Site added")),
                "site.changed": Verb(_("Site data changed")),
                "device.added": Verb(_("Device added")),
                "device.changed": Verb(_("Device data changed")),
                "device.moved": Verb(_("Device moved to another site")),
                "unit.attached": Verb(_("Serial number %(serial)s found in our register"), "done"),
                "unit.corrected": Verb(
                    _("Serial number corrected from %(old)s to %(serial)s"), keeps=frozenset({"old"})
                ),
                "unit.transferred": Verb(_("Unit %(serial)s now belongs to another customer"), "problem"),
                "unit.registered": Verb(_("Unit %(serial)s entered in the register"), staff_only=True),
                "nameplate.sent": Verb(_("Photo of the nameplate %(serial)s sent")),
                "nameplate.refused": Verb(_("Nameplate %(serial)s could not be confirmed"), "attention"),
                "claim.made": Verb(_("Unit %(serial)s claimed"), "neutral"),
                "claim.granted": Verb(_("Claim to unit %(serial)s granted"), "done"),
                "claim.refused": Verb(_("Claim to unit %(serial)s refused"), "problem"),
                "purchase.confirmed": Verb(_("Purchase date confirmed: %(date)s"), "done"),
                "unit.changed": Verb(_("Unit %(serial)s corrected in the register"), staff_only=True),
                "product.added": Verb(_("Product %(model)s added"), staff_only=True),
                "product.changed": Verb(_("Product %(model)s changed"), staff_only=True),
                "products.imported": Verb(_("Products: %(added)s added, %(changed)s changed"), staff_only=True),
                "register.imported": Verb(
                    _("Register of units: %(added)s added, %(changed)s changed"),
                    staff_only=True,
                ),
            }
        )

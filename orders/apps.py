from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import queues
        from orders.models import document_ids_visible_to
        from portal import collect
        from portal.events import Verb, describe
        from portal.files.access import register_access

        collect.start_tabs.append(collect.Tab(_("Orders"), "orders", 30))
        collect.device_notes.append(queues.purchase_notes)
        collect.device_documents.append(queues.purchase_documents)
        collect.staff_queues.append(queues.proofs_to_review)
        register_access(document_ids_visible_to)
        describe(
            {
                "proof.sent": Verb(_("Order %(number)s: purchase proof sent")),
                "proof.answered": Verb(_("Order %(number)s: our question answered")),
                "proof.confirmed": Verb(_("Order %(number)s: purchase proof confirmed"), "done"),
                "proof.more_needed": Verb(_("Order %(number)s: something is missing"), "attention"),
                "proof.refused": Verb(_("Order %(number)s: purchase proof refused"), "problem"),
                "proof.withdrawn": Verb(_("Order %(number)s withdrawn")),
            }
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import queues, staff_queues
        from orders.actions.places import move_fault
        from orders.models import document_ids_visible_to
        from orders.privacy import declare_privacy
        from portal import collect
        from portal.access import Area
        from portal.events import Verb, describe
        from portal.files.access import register_access

        declare_privacy()
        collect.start_tabs.append(collect.Tab(_("Orders"), "orders", 30, Area.TECHNICAL))
        collect.device_notes += [queues.purchase_notes, queues.service_notes]
        collect.purchase_proofs.append(queues.purchase_proof)
        collect.service_proofs.append(queues.protocol_pages)
        collect.purchase_facts.append(queues.purchase_facts)
        collect.inspections_to_order.append(queues.inspections_to_order)
        collect.device_documents += [queues.protocol_documents, queues.purchase_documents]
        collect.move_faults.append(move_fault)
        collect.staff_queues += [
            staff_queues.inspections_overdue, staff_queues.service_queues, staff_queues.proofs_to_review,
        ]  # fmt: skip
        register_access(document_ids_visible_to)
        describe(
            {
                "proof.sent": Verb(_("Order %(number)s: purchase proof sent")),
                "proof.answered": Verb(_("Order %(number)s: our question answered")),
                "proof.confirmed": Verb(_("Order %(number)s: purchase proof confirmed"), "done"),
                "proof.more_needed": Verb(_("Order %(number)s: something is missing"), "attention"),
                "proof.refused": Verb(_("Order %(number)s: purchase proof refused"), "problem"),
                "proof.withdrawn": Verb(_("Order %(number)s withdrawn")),
                "service.start": Verb(_("Order %(number)s begun")),
                "service.submit": Verb(_("Order %(number)s sent")),
                "service.change": Verb(_("Order %(number)s changed")),
                "service.offer": Verb(_("Order %(number)s offered to %(partner)s")),
                "service.accept": Verb(_("Order %(number)s accepted by %(partner)s"), "done"),
                "service.decline": Verb(
                    _("Order %(number)s declined by %(partner)s"), "attention", reason_for_staff=True
                ),
                "service.expire": Verb(_("Order %(number)s: %(partner)s did not answer in time"), "attention"),
                "service.recall": Verb(
                    _("Order %(number)s taken back from %(partner)s"), "attention", reason_for_staff=True
                ),
                "service.give_back": Verb(
                    _("Order %(number)s given back by %(partner)s"), "attention", reason_for_staff=True
                ),
                "service.hand_over": Verb(_("Order %(number)s handed to %(engineer)s")),
                "service.freed": Verb(_("Order %(number)s has nobody to do it at the partner"), "attention"),
                "service.ask": Verb(_("Order %(number)s: our office has a question"), "attention"),
                "service.ask_owner": Verb(_("Order %(number)s: the partner has a question"), "attention"),
                "service.answer": Verb(_("Order %(number)s: the question answered")),
                "service.propose": Verb(_("Order %(number)s: times proposed for the visit"), "attention"),
                "service.pick": Verb(_("Order %(number)s: visit agreed for %(moment)s"), "done"),
                "service.agree": Verb(_("Order %(number)s: visit agreed for %(moment)s"), "done"),
                "service.propose_move": Verb(_("Order %(number)s: the owner asks to move the visit"), "attention"),
                "service.move_unanswered": Verb(
                    _("Order %(number)s: %(partner)s has not answered in time whether the visit can be moved"),
                    "attention",
                ),
                "service.times_unanswered": Verb(
                    _("Order %(number)s: reminded to choose a time for the visit"), "attention"
                ),
                "service.pick_move": Verb(_("Order %(number)s: visit moved to %(moment)s"), "done"),
                "service.ask_others": Verb(_("Order %(number)s: other times asked for"), "attention"),
                "service.reminded": Verb(_("Order %(number)s: reminded of the visit")),
                "service.address": Verb(_("Order %(number)s: the address corrected")),
                "service.begin": Verb(_("Order %(number)s: work begun by %(partner)s")),
                "service.interrupt": Verb(_("Order %(number)s: work could not be finished"), "attention"),
                "service.close": Verb(_("Order %(number)s done, protocol %(protocol)s signed"), "done"),
                "service.correct": Verb(_("Order %(number)s: a correction of the protocol begun")),
                "service.drop": Verb(_("Order %(number)s: the correction of the protocol given up")),
                "service.cancel": Verb(_("Order %(number)s cancelled")),
                "service.drawn": Verb(_("Order %(number)s: protocol %(protocol)s ready as PDF"), "done"),
                "inspection.reminded": Verb(_("Reminded of the inspection due on %(date)s")),
                "inspection.overdue": Verb(_("The inspection due on %(date)s is overdue"), "attention"),
            }
        )

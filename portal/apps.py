from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from portal import (
            collect,
            health,  # noqa: F401  worker's sign of life
            queues,
        )
        from portal.events import Verb, describe
        from portal.own_data import declare_own_data

        declare_own_data()
        collect.staff_queues.append(queues.undeliverable_messages)
        describe(
            {
                "message.retried": Verb(_("Message sent once more"), staff_only=True),
                "message.dismissed": Verb(_("Message put aside"), staff_only=True),
                "list.exported": Verb(_("List %(list)s taken away as a table of %(rows)s rows"), staff_only=True),
            }
        )

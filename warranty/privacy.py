"""What the tables of the warranty hold about people."""

from django.utils.translation import gettext_lazy

from portal.privacy import Fate, declare
from warranty.card import digest_of, without_people
from warranty.models import Cover, Recount, ServiceRecord, WarrantyCard, WarrantyRule

# What a protocol told the card, and names nobody but the paper and the certificate of a company.
KEPT_FACTS = frozenset({"invoice_number", "installer_fgas"})


def declare_privacy() -> None:
    declare(
        WarrantyRule, link="product",
        fact="id version valid_from months start cap_months delivery_cap_months start_up_within_months "
        "inspection_months grace_days published_at",
    )  # fmt: skip
    declare(
        ServiceRecord, holds=gettext_lazy("Start-ups and inspections that our office has entered."),
        fate=Fate.BLANKED, why="warranty", names="card_facts", link="device partner",
        left={"card_facts": facts_left},
        fact="id kind done_on partner_name order_number protocol_number recorded_at",
    )  # fmt: skip
    declare(
        Cover, holds=gettext_lazy("How long the warranty of each device lasts, and when the next inspection is due."),
        fate=Fate.BLANKED, why="warranty", fact="id started_up_on starts_on ends_on next_inspection_on",
        link="device rule", related=("rule__product",),
    )  # fmt: skip
    # Gone as soon as a worker has counted.
    declare(Recount, internal="id asked_at", link="device by")
    declare(
        WarrantyCard, holds=gettext_lazy("The warranty cards with all that stands on them."),
        fate=Fate.BLANKED, why="warranty", names="facts", file="pdf", link="device replaced_by",
        left={
            "facts": lambda card: without_people(card.facts, card.device),
            "digest": lambda card: digest_of(card.facts),
        },
        fact="id number language check_code issued_at withdrawn_at replaced_at", internal="digest try_after",
    )  # fmt: skip


def facts_left(record: ServiceRecord) -> dict[str, str]:
    return {name: value for name, value in record.card_facts.items() if name in KEPT_FACTS}

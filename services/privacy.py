"""The tables of services hold nothing about customers; what they hold about partners stays with these."""

from portal.privacy import declare
from services.models import (
    Certificate,
    CertificateWarning,
    Checklist,
    ChecklistGroup,
    ChecklistItem,
    ChecklistVersion,
    Qualification,
    ServiceKind,
)


def declare_privacy() -> None:
    declare(
        ServiceKind, link="products",
        fact="id code name_pl name_cs name_en hint_pl hint_cs hint_en device_kinds outcome photos_needed "
        "duration_minutes min_months_since_last once_per_device needs_start_up answer_hours passes_on position "
        "is_active certificates split_certificates",
    )  # fmt: skip
    declare(Checklist, fact="id device_kind", link="service_kind")
    declare(ChecklistGroup, fact="id number title_pl title_cs title_en device_kind", link="checklist")
    declare(
        ChecklistItem, link="checklist",
        fact="id number filled_by kind required label_pl label_cs label_en help_pl help_cs help_en unit minimum "
        "maximum usual_minimum usual_maximum lower_than choices form_check depends_on depends_values",
    )  # fmt: skip
    declare(ChecklistVersion, fact="id number content published_at", link="checklist published_by")
    declare(Qualification, fact="id", link="partner kinds products")
    declare(Certificate, fact="id kind number valid_from valid_until", file="document", link="partner")
    declare(CertificateWarning, fact="id valid_until days_before sent_at", link="certificate")

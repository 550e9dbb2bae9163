"""What can be ordered, who may do it, and the questions asked."""

from services.models.checklist import Checklist, ChecklistGroup, ChecklistItem, ChecklistVersion, current_version
from services.models.kind import ServiceKind, kinds_for, product_keys, product_keys_of
from services.models.partner import Certificate, CertificateWarning, Qualification, unready_partners

__all__ = [
    "Certificate",
    "CertificateWarning",
    "Checklist",
    "ChecklistGroup",
    "ChecklistItem",
    "ChecklistVersion",
    "Qualification",
    "ServiceKind",
    "current_version",
    "kinds_for",
    "product_keys",
    "product_keys_of",
    "unready_partners",
]

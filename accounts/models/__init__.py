"""People, the customers that they act for, and service partners."""

from accounts.models.consent import Consent, LegalText, Subject
from accounts.models.customer import Address, Country, Customer, Invitation, Membership, SupportView, one_line
from accounts.models.partner import Partner, PartnerMembership, TeamInvitation
from accounts.models.person import User, UserManager
from accounts.models.requests import ChangeRequest, DataExport, ErasureRequest
from accounts.models.security import EmailChange, MobileCode, SignIn

__all__ = [
    "Address",
    "ChangeRequest",
    "Consent",
    "Country",
    "Customer",
    "DataExport",
    "EmailChange",
    "ErasureRequest",
    "Invitation",
    "LegalText",
    "Membership",
    "MobileCode",
    "Partner",
    "PartnerMembership",
    "SignIn",
    "Subject",
    "SupportView",
    "TeamInvitation",
    "User",
    "UserManager",
    "one_line",
]

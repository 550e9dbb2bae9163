"""What the tables of people and customers hold about them, allauth's among these."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import (
    ChangeRequest,
    Consent,
    Customer,
    DataExport,
    EmailChange,
    ErasureRequest,
    Invitation,
    LegalText,
    Membership,
    MobileCode,
    Partner,
    PartnerMembership,
    SignIn,
    SupportView,
    TeamInvitation,
    User,
)
from portal import collect
from portal.access import Area, may
from portal.addresses import address
from portal.privacy import Fate, Scope, declare


def declare_privacy() -> None:
    collect.erasure_objections.append(waiting_change)
    _declare_people()
    _declare_signing_in()
    _declare_customers()
    _declare_requests()
    _declare_partners()


def waiting_change(customer: Customer) -> list[tuple[str, str]]:
    """Why the customer's data are still needed: a change of them waits."""
    words = _("Request %(number)s waits for our answer. Take it back first.")
    waiting = ChangeRequest.objects.waiting().filter(customer=customer)
    return [(words % {"number": one.number}, address("change-request", one.pk)) for one in waiting]


def _declare_people() -> None:
    declare(
        User, called=gettext_lazy("accounts"),
        holds=gettext_lazy("Your account: name, e-mail address, phone numbers, language, settings."),
        person="", fate=Fate.BLANKED, why="account",
        left={
            "first_name": lambda person: "", "last_name": lambda person: "", "is_active": lambda person: False,
            "sms_notices": lambda person: False, "password": lambda person: make_password(None),
        },
        names="first_name last_name", contact="email phone landline", secret="password",  # noqa: S106
        fact="id language sms_notices phone_confirmed_at is_active is_staff date_joined last_login",
        internal="is_superuser groups user_permissions erased_at",
    )  # fmt: skip
    declare(
        Consent, holds=gettext_lazy("What you agreed or objected to, when, and to which words."),
        person="user", fate=Fate.BLANKED, why="consents",
        fact="id kind act version language text at", link="user",
    )  # fmt: skip
    declare(LegalText, fact="id kind version text_pl text_cs text_en published_at", link="published_by")
    declare(
        EmailAddress, holds=gettext_lazy("The e-mail address with which you sign in."),
        person="user", fate=Fate.GOES, contact="email", fact="id verified primary", link="user"
    )  # fmt: skip
    declare(
        EmailConfirmation, person="email_address__user", fate=Fate.GOES, exported=False,
        internal="id created sent", link="email_address", secret="key",  # noqa: S106
    )  # fmt: skip


def _declare_signing_in() -> None:
    declare(
        Authenticator, called=gettext_lazy("second factors and passkeys"),
        holds=gettext_lazy("Your authenticator app, passkeys and recovery codes, without secrets."),
        person="user", fate=Fate.GOES,
        fact="id type created_at last_used_at", link="user", secret="data",  # noqa: S106
    )  # fmt: skip
    declare(
        UserSession, called=gettext_lazy("sessions"),
        holds=gettext_lazy("Where you are signed in: browser, network address, last use."),
        person="user", fate=Fate.GOES, contact="ip user_agent", fact="id created_at last_seen_at",
        link="user", secret="session_key", internal="data",  # noqa: S106
    )  # fmt: skip
    declare(
        SignIn, holds=gettext_lazy("Each try to sign in as you: when, from where, how, and whether it worked."),
        person="user", fate=Fate.GOES, contact="address user_agent", secret="browser",  # noqa: S106
        fact="id at outcome method factor", link="user",
    )  # fmt: skip
    declare(
        EmailChange, holds=gettext_lazy("Changes of your e-mail address that were asked for."),
        person="user", fate=Fate.GOES, contact="old new",
        fact="id asked_at confirmed_at done_at stopped_at", link="user",
    )  # fmt: skip
    declare(
        MobileCode, holds=gettext_lazy("To which mobile number a code was sent, while it counts."),
        person="user", fate=Fate.GOES, contact="number", fact="id sent_at",
        internal="tries", link="user", secret="code_hash",  # noqa: S106
    )  # fmt: skip


def _declare_customers() -> None:
    declare(
        Customer, called=gettext_lazy("customer's record"),
        holds=gettext_lazy("The customer's record: number, name, addresses, how to reach it."),
        fate=Fate.BLANKED, why="record", basics="id number kind name created_at",
        left={"name": lambda customer: customer.number},
        names="name post_name", free_text="notes", link="members",
        contact="street postcode city tax_number business_number email phone post_street post_postcode post_city",
        fact="id number kind country created_at erased_at",
    )  # fmt: skip
    declare(
        Membership, holds=gettext_lazy("Who has access, how much, since when and until when."),
        person="user", fate=Fate.GOES, shown=_memberships,
        fact="id grade sites starts_on ends_on created_at last_used_at", link="customer user granted_by",
        internal="end_told_at",
    )  # fmt: skip
    declare(
        Invitation, holds=gettext_lazy("Who was invited to act for the customer, and what became of it."),
        fate=Fate.GOES, touched=_invitations, contact="email", secret="key", link="customer invited_by",  # noqa: S106
        fact="id grade sites starts_on ends_on language created_at expires_at state closed_at",
    )  # fmt: skip
    declare(
        SupportView, called=gettext_lazy("looks of our office at your portal"),
        holds=gettext_lazy("When somebody of our office looked at the portal as you see it, and why."),
        customer="customer", fate=Fate.BLANKED, why="access", shown=_support_views, free_text="reason",
        fact="id started_at ends_at ended_at", link="staff customer",
    )  # fmt: skip


def _invitations(scope: Scope) -> QuerySet:
    """Those of the customer, and those by which other customers asked the people who go."""
    return Invitation.objects.filter(Q(customer=scope.customer) | Q(email__in=scope.addresses))


def _memberships(user: Any, customer: Customer) -> QuerySet:
    """Who has access, for those who may see that; everybody sees the own grant."""
    own = Membership.objects.filter(user=user)
    return Membership.objects.visible_to(user) | own.filter(customer=customer) if customer else own


def _support_views(user: Any, customer: Customer) -> QuerySet:
    found = SupportView.objects.filter(customer=customer).order_by("pk")
    return found if customer and may(user, Area.ACCOUNT, customer=customer.pk) else found.none()


def _declare_requests() -> None:
    asked = {"fact": "id number asked_at decided_at decision", "link": "customer asked_by decided_by"}
    declare(
        ChangeRequest, holds=gettext_lazy("Changes of the customer's data that were asked for, and our answers."),
        fate=Fate.BLANKED, why="requests", left={"changes": lambda request: {}},
        names="changes", free_text="note answer", file="documents",
        **asked | {"fact": asked["fact"] + " accepted"},
    )  # fmt: skip
    declare(
        ErasureRequest, holds=gettext_lazy("Requests to erase all data, and our answers."),
        fate=Fate.BLANKED, why="requests", free_text="note answer",
        **asked | {"fact": asked["fact"] + " report"},
    )  # fmt: skip
    declare(
        DataExport, customer="customer", person="asked_by", fate=Fate.GOES, exported=False, file="file",
        fact="id asked_at state ready_at", internal="done parts rights claimed_at", link="customer asked_by",
    )  # fmt: skip


def _declare_partners() -> None:
    """A partner's people are not a customer's: as long as somebody is in a team, the account stays."""
    declare(
        Partner, names="name", contact="street postcode city tax_number email phone",
        free_text="notes decision_reason", link="decided_by",
        fact="id country fgas_certificate areas applied_at decision decided_at",
    )  # fmt: skip
    declare(
        PartnerMembership, holds=gettext_lazy("In whose team you are, since when and as what."),
        person="user", fate=Fate.GOES, fact="id role created_at", link="partner user",
    )  # fmt: skip
    declare(
        TeamInvitation, holds=gettext_lazy("Which teams asked you to join them, and what became of it."),
        fate=Fate.GOES, touched=_team_invitations, shown=lambda user, customer: _team_invitations_of([user.email]),
        names="first_name last_name", contact="email", secret="key", link="partner invited_by",  # noqa: S106
        fact="id role language created_at expires_at state closed_at",
    )  # fmt: skip


def _team_invitations(scope: Scope) -> QuerySet:
    return _team_invitations_of(scope.addresses)


def _team_invitations_of(addresses: list[str]) -> QuerySet:
    return TeamInvitation.objects.filter(email__in=addresses).order_by("pk")

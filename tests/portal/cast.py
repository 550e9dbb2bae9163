"""Everybody who may come to the portal, and one of each thing that an address can name."""

import uuid
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.core import signing
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.actions import access, email_change, invitations, not_me, support_view, teams
from accounts.actions import requests as changes
from accounts.grants import Grant
from accounts.links import password_path
from accounts.models import Membership, SignIn, User
from orders.actions import protocols, visits
from orders.actions.proofs import ask_for_more
from orders.messages import proposal_token
from orders.models import Order
from tests import factories as make

# The order of the columns in the table of tests/portal/test_access.py.
ROLES = {
    "o": "owner", "f": "financial", "t": "technical", "r": "read only", "s": "technical elsewhere", "e": "ended",
    "x": "stranger", "m": "partner's manager", "g": "engineer", "R": "reviewer", "D": "dispatcher", "M": "manager",
    "S": "superuser", "v": "clerk who sees as the customer", "n": "nobody",
}  # fmt: skip


class World:
    """`people` by their letter (nobody: None), `urls` by name, and `number` of the customer that they are about."""

    def __init__(self) -> None:
        owner = make.person()
        self.customer = make.customer(members=[owner], kind="company", tax_number="5260001246")
        self.number = self.customer.number
        self.place = make.site(self.customer)
        self.company = make.company_with_engineer()
        self.people: dict[str, User | None] = {
            "o": owner, **self._colleagues(), "x": make.customer().members.get(), "m": self.company.manager,
            "g": self.company.engineer, **self._staff(), "n": None,
        }  # fmt: skip
        self.urls = self._addresses(owner)
        assert list(self.people) == list(ROLES)

    def _colleagues(self) -> dict[str, User]:
        other = make.site(self.customer, street="ul. Inna 1")
        yesterday = timezone.localdate() - timedelta(days=1)
        grants: dict[str, dict[str, Any]] = {
            "f": {"grade": "financial"},
            "t": {"grade": "technical"},
            "r": {"grade": "read_only"},
            "s": {"grade": "technical", "sites": [other.pk]},
            "e": {"grade": "full", "starts_on": yesterday, "ends_on": yesterday},
        }
        people = {letter: make.person() for letter in grants}
        for letter, grant in grants.items():
            Membership.objects.create(customer=self.customer, user=people[letter], **grant)
        return people

    def _staff(self) -> dict[str, User]:
        staff = {"R": make.clerk(), "D": make.clerk("dispatcher"), "M": make.clerk("manager")}
        staff["S"] = make.person(is_staff=True, is_superuser=True)
        staff["v"] = make.clerk()
        staff["v"].user_permissions.add(Permission.objects.get(codename="see_as_customer"))
        support_view.begin_view(self.customer, reason="A question", by=User.objects.get(pk=staff["v"].pk))
        return staff

    def _device(self, **fields: Any) -> Any:
        return make.device(self.place, **fields)

    def _order(self, upto: str) -> Order:
        to = self.company if upto not in ("draft", "submitted") else None
        order = make.service_order(self._device(), upto=upto, by=self.people["o"], to=to)
        if upto in ("accepted", "scheduled", "under_way"):
            Order.objects.get(pk=order.pk).service.__class__.objects.filter(order=order).update(
                engineer=self.company.engineer
            )
        return Order.objects.get(pk=order.pk)

    def _addresses(self, owner: User) -> dict[str, str]:
        things = {**self._of_devices(owner), **self._of_orders(owner), **self._of_accounts(owner)}
        urls = {}
        for name in every_name():
            given = things.get(name, ())
            urls[name] = given if isinstance(given, str) else reverse(name, args=given)
        return urls

    def _of_devices(self, owner: User) -> dict[str, Any]:
        device, open_unit = make.warranted(self._device(purchased_on=make.date(2024, 2, 1))), self._device(units=[])
        photo = make.nameplate_check(self._device(units=[])).photos.get()
        card = device.warranty_cards.first()
        return {
            "device": [device.pk], "device-change": [device.pk], "device-sheet": [device.pk], "proof-new": [device.pk],
            "device-nameplates": [open_unit.pk], "device-new-kind": ["monobloc"], "site": [self.place.pk],
            "site-change": [self.place.pk], "order-service": [device.pk, "inspection"], "document": [photo.pk],
            "document-page": [photo.pk, 1], "warranty-check": [card.check_code], "register-confirm": ["x"],
            "register-device-new": ["monobloc"], "register-device": ["monobloc", "x"], "register-device-drop": ["x"],
            "register-autosave": ["contact"], "register-step": ["contact"],
        }  # fmt: skip

    def _of_orders(self, owner: User) -> dict[str, Any]:
        submitted, offered, accepted, scheduled, under_way, done = (self._order(upto) for upto in make.UPTO[1:])
        # What is half written belongs to its writer; everybody else of the customer may read it.
        draft = self._order("draft")
        proof = make.order_in_review(self._device(), by=owner)
        asked = make.order_in_review(self._device(), by=owner)
        ask_for_more(asked, reason_code="other", reason="Why?", by=make.clerk(), revision=1)
        questioned = self._order("accepted")
        visits.ask(questioned, question="Which floor?", by=self.company.manager, revision=questioned.revision)
        slot = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=4)
        visits.propose(accepted, slots=[slot], by=self.company.manager, revision=accepted.revision)
        corrected = self._order("done")
        protocols.correct(corrected, reason="A slip", by=self.company.manager, revision=corrected.revision)
        paper = done.protocols.get()
        member = self.company.people.get(user=self.company.engineer)
        asked_in = teams.invite(
            self.company, email="new@example.org", first_name="Nina", last_name="Nowa", role="engineer", language="en",
            by=self.company.manager,
        )  # fmt: skip
        return {
            "order": [proof.pk], "order-continue": [draft.pk], "order-what": [draft.pk], "order-answers": [draft.pk],
            "order-wishes": [draft.pk], "order-check": [draft.pk], "order-change": [submitted.pk],
            "order-cancel": [submitted.pk], "order-reply": [questioned.pk], "visit-pick": [accepted.pk],
            "visit-others": [accepted.pk], "visit-move": [scheduled.pk], "order-calendar": [scheduled.pk],
            "proof-answer": [asked.pk], "proof-withdraw": [proof.pk], "protocol": [paper.pk],
            "visit-answer": [proposal_token(accepted.proposals.get(outcome=""), owner)],
            "visit-calendar": [proposal_token(accepted.proposals.get(outcome=""), owner)],
            "work-paper": [paper.pk], "work-correct": [paper.pk], "work-member": [member.pk], "work-leave": [member.pk],
            "work-invitation-withdraw": [asked_in.pk],
            "work-order": [accepted.pk], "work-accept": [offered.pk], "work-decline": [offered.pk],
            "work-give-back": [accepted.pk], "work-hand-over": [accepted.pk], "work-ask": [scheduled.pk],
            "work-times": [accepted.pk], "work-agree": [accepted.pk], "work-pick": [scheduled.pk],
            "work-begin": [scheduled.pk], "work-interrupt": [under_way.pk], "work-protocol": [under_way.pk],
            "work-part": [under_way.pk, 1], "work-drop": [corrected.pk], "work-sign": [under_way.pk],
        }  # fmt: skip

    def _of_accounts(self, owner: User) -> dict[str, Any]:
        colleague = self.customer.memberships.get(grade="technical", sites=None)
        invitation = access.invite(
            self.customer, email="new@example.com", language="en", grant=Grant("read_only"), by=owner
        )
        request = changes.ask_for_change(self.customer, wanted={"name": "Another"}, by=owner)
        email = email_change.ask(owner, new="other@example.com", by=owner)
        sign_in = SignIn.objects.create(user=owner, outcome="good", method="password")
        session = UserSession.objects.create(user=owner, session_key="x" * 32, ip="127.0.0.1", user_agent="")
        return {
            # Of somebody who does not sign in: that would end the link.
            "account_reset_password_from_key": password_path(make.person()),
            "access-change": [colleague.pk], "access-remove": [colleague.pk], "invitation-withdraw": [invitation.pk],
            "invitation": [invitations.token_of(invitation)], "change-request": [request.pk],
            "change-request-withdraw": [request.pk], "session-end": [session.pk], "not-me": [not_me.token(sign_in)],
            "email-confirm": [signing.dumps(email.pk, salt=email_change.CONFIRM)],
            "email-stop": [signing.dumps(email.pk, salt=email_change.STOP)], "export-file": [uuid.UUID(int=1)],
            "mfa_edit_webauthn": [1], "mfa_remove_webauthn": [1],
        }  # fmt: skip

    def url(self, letter: str, name: str) -> str:
        """Where this person opens the page."""
        url = self.urls[name]
        return f"/c/{self.number}{url}" if letter == "v" else url


def every_name(resolver: Any = None, prefix: str = "") -> list[str]:
    """The names of all addresses but those of the back office and of the demo."""
    found = []
    for entry in (resolver or get_resolver("portal.urls")).url_patterns:
        route = prefix + str(entry.pattern)
        if route.startswith(("admin/", "demo/")):
            continue
        found += every_name(entry, route) if isinstance(entry, URLResolver) else [entry.name]
    return found

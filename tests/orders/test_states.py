"""The whole table: each state by each act by each person, through the real actions. As the table says, or nothing."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

import orders.actions
from accounts.models import PartnerMembership, User
from orders import picture, states
from orders.actions import offers, ordering, protocols, steps, visits
from orders.models import Order, Proposal, Protocol, Service
from orders.states import ENGINEER, MANAGER, OFFICE, OWNER, PORTAL, ROLES, STATES, STEPS
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import able_partner, answers_to, customer, device, person, service_order, site

# Waiting for the owner has two forms, and so have done, while a correction is open, and scheduled, while the owner asks
# to move the visit.
CASES = [*STATES, "waiting for the partner", "being corrected", "to be moved"]
# The partner has the order: its people have their roles.
WITH_PARTNER = {"offered", "accepted", "scheduled", "under_way", "done", *CASES[-3:]}
# The phone heard no answer, and sends it again: nothing changes, nobody is told off.
AGAIN = {("done", "close"), ("being corrected", "correct")}
# The table allows it, and there is nothing to fill in or to give up: the only protocol is closed. Or nothing to pick:
# the open times are one's own.
# And nobody has an order about which the office asks before there is a partner.
NOTHING_OPEN = {
    ("done", "fill_in"), ("done", "drop"), ("scheduled", "pick_move"), ("to be moved", "pick"), ("waiting", "recall"),
}  # fmt: skip


class Story:
    """The people, and an order in one of the cases."""

    def __init__(self, case: str):
        self.owner, self.colleague, self.manager, self.engineer, self.idle, self.rival, self.office = (
            person() for _ in range(7)
        )
        self.clerk, self.stranger = person(is_staff=True), person()
        self.office.is_staff = True
        self.office.save()
        self.office.user_permissions.add(Permission.objects.get(codename="assign_order"))
        self.partner, self.other = able_partner(people=[self.manager]), able_partner(people=[self.rival])
        for engineer in (self.engineer, self.idle):
            PartnerMembership.objects.create(partner=self.partner, user=engineer, role="engineer")
        at = site(customer(members=[self.owner, self.colleague]), postcode="05-500")
        upto = {"declined": "offered", "waiting": "submitted", "cancelled": "submitted"}.get(case, case)
        self.order = service_order(
            device(at), code="repair", by=self.owner, to=self.partner, upto=upto if upto in STATES[:3] else "accepted"
        )
        self.proposal, self.protocol = Proposal(pk=0), Protocol(pk=0, order=self.order)
        self.lead_to(case)
        self.order = Order.objects.get(pk=self.order.pk)
        self.people = {
            "owner": (self.owner, {OWNER}), "colleague": (self.colleague, {OWNER}),
            "manager": (self.manager, {MANAGER}), "engineer": (self.engineer, {ENGINEER}),
            "idle engineer": (self.idle, set()), "rival": (self.rival, set()),
            "office": (self.office, {OFFICE}), "clerk without the right": (self.clerk, set()),
            "stranger": (self.stranger, set()), "portal": (None, {PORTAL}),
        }  # fmt: skip

    def lead_to(self, case: str) -> None:
        if case == "offered":
            Service.objects.filter(order=self.order).update(answer_by=timezone.now() - timedelta(hours=1))
        elif case == "declined":
            self.take("decline", self.manager)
        elif case == "cancelled":
            self.take("cancel", self.owner)
        elif case == "waiting":
            self.take("ask", self.office)
        elif case not in STATES[:3]:
            self.take("hand_over", self.manager)
            self.work(case)

    def work(self, case: str) -> None:
        if case in ("scheduled", "to be moved", "under_way", "done", "being corrected"):
            self.take("agree", self.engineer)
        if case == "to be moved":
            self.take("propose_move", self.owner)
            self.proposal = self.order.proposals.get(outcome="")
        if case in ("accepted", "scheduled"):
            self.take("propose", self.engineer)
            self.proposal = self.order.proposals.get(outcome="")
        if case == "waiting for the partner":
            self.take("ask_owner", self.manager)
        if case in ("under_way", "done", "being corrected"):
            self.protocol = self.take("begin", self.engineer)
            self.take("fill_in", self.engineer)
        if case in ("done", "being corrected"):
            self.take("close", self.engineer)
        if case == "being corrected":
            self.protocol = self.take("correct", self.engineer)

    def take(self, act: str, by: User | None, *, revision: int | None = None) -> Any:
        self.order = Order.objects.get(pk=self.order.pk)
        return self.acts(self.order.revision if revision is None else revision)[act](by)

    def acts(self, revision: int) -> dict[str, Callable[[Any], Any]]:
        """Every act, well filled in, for whoever takes it."""
        order, why, soon = self.order, {"reason": "Why", "revision": revision}, timezone.now() + timedelta(days=2)
        return {
            "save": lambda by: ordering.save(order, by=by, notes="New"),
            "submit": lambda by: ordering.submit(order, by=by, revision=revision),
            "change": lambda by: ordering.change(order, by=by, revision=revision, notes="New"),
            "offer": lambda by: offers.offer(order, partner=self.other, by=by, revision=revision),
            "accept": lambda by: offers.accept(order, by=by, revision=revision),
            "decline": lambda by: offers.decline(order, by=by, **why),
            "expire": lambda by: offers.expire(order) if by is None else steps.begin("expire", order, by=by),
            "recall": lambda by: offers.recall(order, by=by, **why),
            "give_back": lambda by: offers.give_back(order, by=by, **why),
            "hand_over": lambda by: visits.hand_over(order, engineer=self.engineer, by=by, revision=revision),
            "ask": lambda by: visits.ask(order, question="Which?", by=by, revision=revision),
            "ask_owner": lambda by: visits.ask(order, question="Which?", by=by, revision=revision),
            "answer": lambda by: visits.answer(order, words="That one", by=by, revision=revision),
            "propose": lambda by: visits.propose(order, slots=[soon], by=by, revision=revision),
            "agree": lambda by: visits.agree(order, starts=soon, by=by, revision=revision),
            "pick": lambda by: visits.pick(order, proposal=self.proposal, slot=self.slot, by=by),
            "ask_others": lambda by: visits.ask_others(order, by=by),
            "propose_move": lambda by: visits.propose_move(order, slots=[self.later], by=by, revision=revision),
            "pick_move": lambda by: visits.pick_move(order, proposal=self.proposal, slot=self.slot, by=by),
            "begin": lambda by: protocols.begin_work(order, by=by, revision=revision),
            "fill_in": lambda by: protocols.save_part(self.protocol, answers=self.answers(), by=by, key=uuid.uuid4()),
            "interrupt": lambda by: protocols.interrupt(order, by=by, **why),
            "close": lambda by: protocols.close(
                self.protocol, signed_name="Anna", visited_on=timezone.localdate(), by=by
            ),
            "correct": lambda by: protocols.correct(order, by=by, **why),
            "drop": lambda by: protocols.drop_correction(order, by=by, revision=revision),
            "cancel": lambda by: ordering.cancel(order, by=by, **why),
        }

    @property
    def slot(self) -> Any:
        return self.proposal.slots[0] if self.proposal.slots else timezone.now()

    @property
    def later(self) -> Any:
        """A time that an owner may propose: no week has so many holidays."""
        return timezone.now() + timedelta(days=9)

    def answers(self) -> dict[str, Any]:
        groups = self.protocol.checklist.groups() if self.protocol.checklist else []
        return answers_to(groups, device_kind="monobloc", by="partner")[0]

    def facts(self) -> Any:
        """All that an act may change."""
        rows = [Order.objects, Service.objects, Protocol.objects, Proposal.objects]
        return [list(row.values()) for row in rows], Event.objects.count(), Message.objects.count()


def is_allowed(case: str, act: str, roles: set[str]) -> bool:
    """What the table says. The office and the partner ask the owner through one action."""
    state = case if case in STATES else {"being corrected": "done", "to be moved": "scheduled"}.get(case, "waiting")
    partners = {MANAGER, ENGINEER}
    if case not in WITH_PARTNER:
        roles = roles - partners
    if case == "offered":
        roles = roles - {ENGINEER}
    acts = ("ask", "ask_owner") if act in ("ask", "ask_owner") else (act,)
    return any(states.allowed(one, state, roles) for one in acts)


def outcome(story: Story, act: str, by: User | None, before: Any) -> str:
    """Takes the step, looks, and takes it back."""
    with transaction.atomic():
        try:
            story.acts(story.order.revision)[act](by)
            found = "changed" if story.facts() != before else "same"
        except Refused:
            found = "refused" if story.facts() == before else "refused, and yet something changed"
        transaction.set_rollback(True)
    return found


def expected(case: str, act: str, roles: set[str]) -> str:
    if not is_allowed(case, act, roles) or (case, act) in NOTHING_OPEN:
        return "refused"
    return "same" if (case, act) in AGAIN else "changed"


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_each_act_by_each_person(case):
    story = Story(case)
    assert story.order.state in (case, "waiting", "done") or case == "to be moved"
    before, wrong = story.facts(), []
    for act in STEPS:
        for name, (by, roles) in story.people.items():
            found = outcome(story, act, by, before)
            if found != expected(case, act, roles):
                wrong.append(f"{act} by {name}: {found}")
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_each_act_leads_where_the_table_says_and_leaves_an_event(case):
    story = Story(case)
    for act, by in allowed_acts(story, case):
        with transaction.atomic():
            story.acts(story.order.revision)[act](by)
            after = Order.objects.get(pk=story.order.pk)
            assert after.state in (STEPS[act].targets or {story.order.state}), act
            steps_taken = 0 if STEPS[act].quiet else 1
            assert after.revision == story.order.revision + steps_taken, act
            assert Event.objects.filter(verb=f"service.{act}").count() >= steps_taken, act
            transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES)
def test_whoever_reads_an_old_page_is_told(case):
    story = Story(case)
    for act, by in allowed_acts(story, case):
        before = story.facts()
        if act in ("expire", "pick", "pick_move", "ask_others", "close") or STEPS[act].quiet:
            continue
        with pytest.raises(Refused):
            story.acts(story.order.revision - 1)[act](by)
        assert story.facts() == before, act


def allowed_acts(story: Story, case: str) -> Iterator[tuple[str, User | None]]:
    for act in STEPS:
        for by, roles in story.people.values():
            if states.allowed(act, story.order.state, roles) and expected(case, act, roles) == "changed":
                yield act, by


def test_the_table_knows_only_states_and_roles():
    for step in STEPS.values():
        assert step.sources <= set(STATES) and step.targets <= set(STATES) and step.roles <= set(ROLES), step.act
        assert step.roles and step.sources


def test_each_step_has_an_act_and_each_act_a_step():
    code = "".join(file.read_text() for file in Path(orders.actions.__file__).parent.glob("*.py"))
    assert set(re.findall(r'steps\.(?:begin|finish)\("(\w+)"', code)) <= STEPS.keys()
    assert [act for act in STEPS if f'"{act}"' not in code] == []


@pytest.mark.django_db
def test_the_story_takes_each_step():
    assert Story("draft").acts(1).keys() == STEPS.keys()


# The picture


def test_the_docs_show_the_table():
    assert picture.faults() == []


def test_a_changed_table_is_noticed(monkeypatch):
    monkeypatch.setitem(STEPS, "submit", STEPS["cancel"])
    assert len(picture.faults()) == 2


def test_the_picture_names_each_state_and_act():
    drawn = picture.svg()
    assert all(f">{picture.words(name)}</text>" in drawn for name in [*STATES, *STEPS])

"""The way of a service order: one table that the actions follow and the docs draw (docs/orders.md).

A step names who may take it and from where. `target` None: the order stays in its state, or `goes_back` to the one
that its facts say (see `orders.actions.steps.resting_state`). `quiet` steps may also be taken by somebody whose page
is older than the order: they change nothing that another person decides upon.
"""

from collections.abc import Set
from dataclasses import dataclass

DRAFT, SUBMITTED, OFFERED, DECLINED, ACCEPTED = "draft", "submitted", "offered", "declined", "accepted"
SCHEDULED, UNDER_WAY, WAITING, DONE, CANCELLED = "scheduled", "under_way", "waiting", "done", "cancelled"
STATES = [DRAFT, SUBMITTED, OFFERED, DECLINED, WAITING, ACCEPTED, SCHEDULED, UNDER_WAY, DONE, CANCELLED]
CLOSED = {DONE, CANCELLED}
# With the partner: accepted and not done.
HELD = {ACCEPTED, SCHEDULED, UNDER_WAY}
# Where an order goes back to once the owner has answered.
RESTING = frozenset({SUBMITTED, ACCEPTED, SCHEDULED})

# The owner's members; people of the partner who has the order; the office; the portal itself, when a time has come.
OWNER, MANAGER, ENGINEER, OFFICE, PORTAL = "owner", "manager", "engineer", "office", "portal"
ROLES = [OWNER, MANAGER, ENGINEER, OFFICE, PORTAL]
PARTNER = frozenset({MANAGER, ENGINEER})


@dataclass(frozen=True)
class Step:
    """One act: who may take it, from which states, and where it leads."""

    act: str
    roles: frozenset[str]
    sources: frozenset[str]
    target: str | None = None
    quiet: bool = False
    goes_back: bool = False

    @property
    def targets(self) -> frozenset[str]:
        """Where it may lead; none where the order stays in its state."""
        return RESTING if self.goes_back else frozenset({self.target} if self.target else ())


def _step(act: str, roles: Set[str], sources: Set[str], target: str | None = None, **more: bool) -> Step:
    return Step(act, frozenset(roles), frozenset(sources), target, **more)


STEPS = {
    step.act: step
    for step in [
        _step("save", {OWNER}, {DRAFT}, quiet=True),
        _step("submit", {OWNER}, {DRAFT}, SUBMITTED),
        _step("change", {OWNER}, {SUBMITTED, OFFERED, DECLINED}),
        _step("offer", {OFFICE, PORTAL}, {SUBMITTED, DECLINED}, OFFERED),
        _step("accept", {MANAGER}, {OFFERED}, ACCEPTED),
        _step("decline", {MANAGER}, {OFFERED}, DECLINED),
        _step("expire", {PORTAL}, {OFFERED}, SUBMITTED),
        _step("recall", {OFFICE}, {OFFERED, WAITING, ACCEPTED, SCHEDULED}, SUBMITTED),
        _step("give_back", {MANAGER}, {WAITING, ACCEPTED, SCHEDULED}, DECLINED),
        _step("hand_over", {MANAGER}, {WAITING, *HELD}),
        _step("ask", {OFFICE}, {SUBMITTED, DECLINED}, WAITING),
        _step("ask_owner", PARTNER, {ACCEPTED, SCHEDULED}, WAITING),
        _step("answer", {OWNER, OFFICE}, {WAITING}, goes_back=True),
        _step("propose", PARTNER, {ACCEPTED, SCHEDULED}),
        _step("agree", PARTNER, {WAITING, ACCEPTED, SCHEDULED}, SCHEDULED),
        _step("pick", {OWNER}, {ACCEPTED, SCHEDULED}, SCHEDULED),
        _step("ask_others", {OWNER}, {ACCEPTED, SCHEDULED}),
        _step("propose_move", {OWNER}, {SCHEDULED}),
        _step("pick_move", PARTNER, {SCHEDULED}, SCHEDULED),
        _step("begin", PARTNER, {WAITING, ACCEPTED, SCHEDULED}, UNDER_WAY),
        _step("fill_in", PARTNER, {UNDER_WAY, DONE}, quiet=True),
        _step("interrupt", PARTNER | {OFFICE}, {UNDER_WAY}, ACCEPTED),
        _step("close", PARTNER, {UNDER_WAY, DONE}, DONE),
        _step("correct", PARTNER, {DONE}),
        _step("drop", PARTNER, {DONE}),
        _step(
            "cancel",
            {OWNER, OFFICE},
            {DRAFT, SUBMITTED, OFFERED, DECLINED, WAITING, ACCEPTED, SCHEDULED},
            CANCELLED,
        ),
    ]
}


def allowed(act: str, state: str, roles: set[str] | frozenset[str]) -> bool:
    """Whether somebody in these roles may take the step from this state."""
    step = STEPS[act]
    return state in step.sources and bool(step.roles & roles)

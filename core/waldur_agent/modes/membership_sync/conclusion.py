"""From the outcomes to what Waldur and the listeners are told about each resource."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from waldur_agent_hookspecs import (
    AddMember,
    Change,
    Member,
    Outcome,
    OutcomeStatus,
    RemoveMember,
    SetLimits,
    SetStatus,
)

from waldur_agent.modes.focus import Hint, Kind
from waldur_agent.modes.limits import tell_limits
from waldur_agent.modes.membership_sync.reading import Subject
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import AccountPlan, Unknown
from waldur_agent.waldur import gather

log = logging.getLogger(__name__)

PERSONAL = (AddMember, RemoveMember)
PASSING = (OutcomeStatus.WAITING, OutcomeStatus.NOT_READY)


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """A resource with its plan and what became of it. ``held`` is why its removals wait for a person, or empty."""

    subject: Subject
    plan: AccountPlan
    outcomes: tuple[Outcome, ...]
    held: str = ""

    @property
    def label(self) -> str:
        """For the log."""
        return f"{self.subject.resource.backend_id} (resource {self.subject.resource.uuid})"

    @property
    def failure(self) -> str:
        """What the backend refused of the account itself; a member's refusal is that member's."""
        refused = (
            it.text
            for it in self.outcomes
            if it.status is OutcomeStatus.FAILED and not isinstance(it.change, PERSONAL)
        )
        return next(refused, "")

    @property
    def in_step(self) -> bool:
        """Whether the account is now as Waldur wants it, as far as anybody can tell."""
        known = self.subject.wanted.restricted or not isinstance(self.subject.wanted.members, Unknown)
        return known and not self.plan.vanished and not self.held and all(outcome.good for outcome in self.outcomes)

    @property
    def waits(self) -> bool:
        """Whether another look soon may find it in step, without a person doing something about it."""
        unknown = isinstance(self.subject.wanted.members, Unknown) and not self.subject.wanted.restricted
        return unknown or any(outcome.status in PASSING for outcome in self.outcomes)

    @property
    def members(self) -> list[Member]:
        """Who is in the account now."""
        names = {name: Member(name) for name in self.subject.account.members}
        for outcome in self.outcomes:
            if outcome.good and isinstance(outcome.change, AddMember):
                names[outcome.change.member.username] = outcome.change.member
            elif outcome.good and isinstance(outcome.change, RemoveMember):
                names.pop(outcome.change.member.username, None)
        return [names[name] for name in sorted(names)]


def conclude(work: Served, ended: Sequence[Ended]) -> Summary:
    """Report every trouble, tell Waldur what changed, and tell the listeners who is in each account."""
    summary = Summary()
    for end in ended:
        _report(end, summary)
        if end.waits:
            summary.left.add(Hint(Kind.RESOURCE, end.subject.resource.uuid))
    present = [end for end in ended if not end.plan.vanished]
    gather(lambda end: _tell(work, end), present)
    for end in present:
        work.site.members_synced(end.plan.ref, end.members)
    _report_foreign(work, ended)
    return summary


def _report(end: Ended, summary: Summary) -> None:
    if end.plan.vanished:
        reason = end.subject.account.conflict or "the account does not exist on the backend"
        summary.trouble(f"{end.label}: {reason}; set recreate_missing_accounts to have such accounts made again")
    if end.held:
        names = ", ".join(removal.member.username for removal in end.plan.removals)
        summary.trouble(f"{end.label}: removals held back ({names}): {end.held}")
    if isinstance(end.subject.wanted.members, Unknown) and not end.subject.wanted.restricted:
        summary.trouble(f"{end.label}: members stay as they are: {end.subject.wanted.members.reason}")
    for outcome in end.outcomes:
        _report_outcome(end, outcome, summary)


def _report_outcome(end: Ended, outcome: Outcome, summary: Summary) -> None:
    text = f"{end.label}: {_named(outcome.change)}"
    if outcome.status is OutcomeStatus.DONE:
        log.info("%s: done: %s", text, outcome.change.reason)
        summary.done += 1
    elif outcome.status is OutcomeStatus.WAITING:
        log.warning("%s: waits: %s", text, outcome.text)
    elif not outcome.good:
        summary.trouble(f"{text}: {outcome.status}: {outcome.text}")


def _named(change: Change) -> str:
    member = getattr(change, "member", None)
    return f"{change.kind} {member.username}" if isinstance(member, Member) else change.kind


def _tell(work: Served, end: Ended) -> None:
    """One resource's news. Nothing is sent that Waldur has already, but the time of the last look."""
    resource, waldur = end.subject.resource, work.waldur
    limits_set = any(isinstance(outcome.change, SetLimits) for outcome in end.outcomes)
    if end.subject.reported and not limits_set:
        tell_limits(work, resource, end.subject.reported)
    # What was read before the status changed is old news; the next cycle reads the new one.
    status_set = any(isinstance(outcome.change, SetStatus) for outcome in end.outcomes)
    if end.subject.metadata != resource.backend_metadata and not status_set:
        waldur.set_metadata(resource.uuid, end.subject.metadata)
    if end.failure:
        if resource.state != "Erred":
            waldur.set_resource_erred(resource.uuid, end.failure)
        return
    if end.in_step:
        waldur.refresh_last_sync(resource.uuid)
        if resource.state == "Erred":
            waldur.set_resource_ok(resource.uuid)


def _report_foreign(work: Served, ended: Sequence[Ended]) -> None:
    """One line for the offering: they are reported, and never touched."""
    found = [f"{end.plan.ref.backend_id}: {', '.join(end.plan.foreign)}" for end in ended if end.plan.foreign]
    if found:
        shown = "; ".join(found[:10]) + ("; …" if len(found) > 10 else "")
        log.info("%s: users unknown to Waldur, left alone in %d accounts: %s", work.offering.name, len(found), shown)

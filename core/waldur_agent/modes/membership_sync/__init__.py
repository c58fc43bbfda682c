"""``membership_sync``: members, status and limits of accounts as Waldur has them; and never a wrong removal.

Read both sides, plan each account, put all removals of the offering before the fuse, apply, tell Waldur.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from waldur_agent_hookspecs import Change, NotReady, Outcome, Preview, RemoveMember

from waldur_agent.modes.described import Described, described
from waldur_agent.modes.membership_sync import description
from waldur_agent.modes.membership_sync.conclusion import Ended, conclude
from waldur_agent.modes.membership_sync.reading import Reading, Subject, read
from waldur_agent.modes.progress import Progress, silent
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import AccountPlan, Release, Unknown, Verdict, fuse, plan_account
from waldur_agent.site import PluginBug, Site

__all__ = ["Plan", "describe", "preview", "require", "run"]


@dataclass(slots=True)
class Plan:
    """What a pass would do.

    Attributes:
        accounts: Each resource with what is to be done to its account, removals and what is held included.
        held: Reasons by resource UUID.
    """

    reading: Reading
    accounts: list[tuple[Subject, AccountPlan]]
    verdict: Verdict
    preview: Preview = field(default_factory=Preview)

    @property
    def held(self) -> dict[str, str]:
        """Why removals are held back, by resource UUID."""
        return {item.plan.ref.resource_uuid: item.reason for item in self.verdict.held}

    @property
    def changes(self) -> list[Change]:
        """Everything that is allowed, additions before removals."""
        return [change for _, plan in self.accounts for change in plan.changes] + list(self.verdict.removals)


def require(site: Site) -> None:
    """Refuse a backend that cannot tell what there is, or cannot change it.

    Raises:
        SiteError: naming what is missing.
    """
    site.require(("list_accounts",), "membership_sync")
    site.require(("add_member", "remove_member"), "membership_sync")


def preview(work: Served, release: Release | None = None) -> Plan:
    """What ``run`` would do now, without doing any of it.

    Raises:
        WaldurError, NotReady, PluginBug: something that all resources need could not be read.
    """
    plan = _plan(work, read(work, naming=False), release)
    try:
        plan.preview = work.site.preview_changes(plan.changes)
    except (NotReady, PluginBug) as error:
        plan.reading.troubles.append(str(error))
    return plan


def describe(work: Served, release: Release | None = None) -> Described:
    """The same as plain data: only accounts where there is something to do or to say."""
    plan = preview(work, release)
    items = [description.unnamed(user) for user in plan.reading.unnamed]
    for subject, part in plan.accounts:
        if item := description.planned(subject, part, plan.held.get(part.ref.resource_uuid, "")):
            items.append(item)
    return described(items, plan.preview, plan.reading.troubles)


def run(work: Served, progress: Progress = silent, release: Release | None = None) -> Summary:
    """Bring all accounts of one offering in step.

    Raises:
        WaldurError, NotReady, PluginBug: nothing was changed that the next pass would not find.
    """
    summary = Summary()
    plan = _plan(work, read(work, naming=True), release)
    for text in plan.reading.troubles:
        summary.trouble(text)
    if work.stop.is_set():
        summary.trouble(f"{work.offering.name}: stopped before anything was changed; the next start goes on")
        return summary
    with progress(len(plan.changes), f"{work.offering.name}: applying") as finished:
        outcomes = work.site.apply(plan.changes, finished)
    _count(work, plan, outcomes)
    summary.add(conclude(work, _ended(plan, outcomes)))
    summary.left |= plan.reading.left
    summary.unseen |= plan.reading.unseen
    return summary


def _plan(work: Served, reading: Reading, release: Release | None) -> Plan:
    accounts = [(it, plan_account(it.wanted, it.account, reading.people)) for it in reading.subjects]
    bounds = work.offering.removal_fuse
    plans = [plan for _, plan in accounts]
    verdict = fuse(
        plans,
        members=bounds.members,
        percent=bounds.percent,
        release=release,
        earlier=work.departed.earlier,
        whole=work.focus.whole,
    )
    return Plan(reading, accounts, verdict)


def _count(work: Served, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    # One team that cannot be read must not make the memory of removals endless; but it may be the one that is held.
    unknown = [isinstance(subject.wanted.members, Unknown) for subject, _ in plan.accounts]
    blind = any(unknown) or bool(work.waldur.unreadable)
    complete = not blind or not (all(unknown) or work.departed.tripped)
    work.departed.note(
        removed=sum(isinstance(it.change, RemoveMember) and it.good for it in outcomes),
        present=sum(part.removable for _, part in plan.accounts),
        whole=work.focus.whole and complete,
        tripped=plan.verdict.tripped,
    )


def _ended(plan: Plan, outcomes: Sequence[Outcome]) -> list[Ended]:
    by_resource: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_resource.setdefault(outcome.change.ref.resource_uuid, []).append(outcome)
    held: Mapping[str, str] = plan.held
    return [
        Ended(subject, part, tuple(by_resource.get(part.ref.resource_uuid, ())), held.get(part.ref.resource_uuid, ""))
        for subject, part in plan.accounts
    ]

"""A plan for members as plain data."""

from __future__ import annotations

from waldur_agent.modes.described import Item, change_as_data
from waldur_agent.modes.limits import limits_change
from waldur_agent.modes.membership_sync.reading import Subject
from waldur_agent.planning import AccountPlan, Unknown
from waldur_agent.waldur import OfferingUser


def planned(subject: Subject, plan: AccountPlan, held: str) -> Item | None:
    """One account; None where there is nothing to do and nothing to say."""
    changes = [change_as_data(change, subject.account) for change in (*plan.changes, *plan.removals)]
    if subject.reported:
        changes.append(limits_change(subject.resource, subject.reported))
    if subject.metadata != subject.resource.backend_metadata:
        shown = " ".join(f"{name}={value}" for name, value in sorted(subject.account.metadata.items()))
        changes.append({"kind": "tell_waldur_metadata", "before": "", "after": shown, "reason": "as on the cluster"})
    text = held and f"removals are held back: {held}"
    if plan.vanished:
        text = subject.account.conflict or "the account does not exist on the backend"
    elif isinstance(subject.wanted.members, Unknown) and not subject.wanted.restricted:
        text = f"members stay as they are: {subject.wanted.members.reason}"
    if not changes and not text:
        return None
    return Item(
        label=subject.resource.name or subject.resource.uuid,
        account=subject.resource.backend_id,
        resource=subject.resource.uuid,
        decision="hold" if text else "carry out",
        text=text,
        held=bool(text),
        changes=changes,
    )


def unnamed(user: OfferingUser) -> Item:
    """A person who would get a local name; which one is known only when it is made."""
    change = {"kind": "name_person", "before": "", "after": "name known after apply", "reason": "has no local name"}
    label = user.full_name or user.login or user.user_uuid
    return Item(label=label, account="", resource="", decision="carry out", text="", held=False, changes=[change])

"""Every hook that waldur-agent fires.

A *question* is an imperative and has one answerer (``firstresult``); two plugins that answer the same question for
one offering and role are refused at start. A *notice* is a past participle and goes to everybody, each plugin
called alone; its results are ignored and a failing listener hurts nobody.

Rules for every hook:

- it is idempotent: the agent may be killed at any moment and asks again, and doing what is done already succeeds;
- ``None`` is pluggy's "not mine": an answer is never ``None``, and absence is a value;
- "could not read" is :class:`~waldur_agent_hookspecs.NotReady`, never "absent" and never empty;
- an implementation may name only the arguments that it needs, and gives none of them a default value.

Those about persons apart from any account are written down in :mod:`.people`, and are among these.
"""

# A specification has no body.
# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .markers import hookspec
from .people import find_username, generate_username, prepare_users  # noqa: F401 - specifications, too

if TYPE_CHECKING:
    from .accounts import AccountRef, AccountState, AccountStatus, Member
    from .changes import Change, LimitChange, Outcome, Preview
    from .components import Component, ComponentRule
    from .orders import Order, Review
    from .plugin import Health
    from .usage import Period, Usage

# ---------------------------------------------------------------- before anything is done


@hookspec(firstresult=True)
def describe_components(configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
    """Say which of the configured components this backend serves, and in which units.

    Called: by every mode, once per cycle and offering, before anything is read. Optional: without it all
        configured components are served, with the configured factor and a step of 1 backend unit.

    Args:
        configured: ``backend_components`` as the configuration has them, by type.

    Returns:
        A rule for each component served. What is left out is neither limited nor reported.

    Raises:
        NotReady: the offering is left alone in this cycle.
    """


@hookspec(firstresult=True)
def review_order(order: Order) -> Review:
    """Say whether an order can be carried out, before it is approved.

    Called: by ``order_process``, for each order that waits for its provider; again in each cycle while the
        answer is *wait*. Optional: without it every order is accepted.

    Args:
        order: What is asked for; limits in backend units.

    Returns:
        Accept; reject with a text for the customer (this ends the order); or wait with a text for the log.

    Raises:
        NotReady: the order stays as it is.
    """


# ---------------------------------------------------------------- reading


@hookspec(firstresult=True)
def list_accounts(refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
    """Tell what the backend holds for these accounts.

    Called: by ``order_process`` and ``membership_sync``, once per cycle and offering with all accounts together;
        its cost should not grow with their number. Reads only.

    Args:
        refs: The accounts asked for. Where ``backend_id`` is empty, the plugin looks for an account that it made
            for that very resource (by a tag, where the backend can hold one).

    Returns:
        An :class:`AccountState` by ``resource_uuid``, for every ref asked. Absence is ``exists=False``; a missing
        key is a bug of the plugin.

    Raises:
        NotReady: the whole offering is left alone in this cycle. An answer that may be incomplete is not an
            answer: raise instead.
    """


@hookspec(firstresult=True)
def collect_usage(refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
    """Tell what these accounts used within a period.

    Called: by ``report``, once per period and offering with all accounts together. Reads only.

    Args:
        refs: Accounts with a ``backend_id``.
        period: Half-open, aware, in the billing zone.

    Returns:
        A :class:`Usage` in backend units by ``resource_uuid``, for every account that exists; an account that used
        nothing has an empty usage. Left out is only an account that does not exist: it is reported, never billed.

    Raises:
        NotReady: nothing is written for this offering and period.
    """


@hookspec(firstresult=True)
def account_metadata(ref: AccountRef) -> Mapping[str, str]:
    """Tell what Waldur should show about an account beyond limits and members.

    Called: by ``order_process`` after a Create order is done. Optional; ``AccountState.metadata`` serves the rest.

    Args:
        ref: An account that exists.

    Returns:
        Names and texts; an empty mapping where there is nothing to show.

    Raises:
        NotReady: Waldur keeps what it has.
    """


@hookspec(firstresult=True)
def preview_changes(changes: Sequence[Change]) -> Preview:
    """Tell which commands these changes would run and which jobs they would end. Must not have any effect.

    Called: by ``waldur-agent plan``, once per offering. Optional: without it the plan shows no commands.

    Args:
        changes: The plan, in the order in which it would be applied.

    Returns:
        Commands and the jobs at risk.

    Raises:
        NotReady: the plan is shown without commands, with this text.
    """


# ---------------------------------------------------------------- accounts


@hookspec(firstresult=True)
def apply_changes(changes: Sequence[Change]) -> Sequence[Outcome]:
    """Carry out a whole plan at once, with as few calls to the backend as it allows.

    Called: by ``order_process`` and ``membership_sync``, once per cycle and offering, instead of the single hooks
        below. Optional: without it the single hooks are fired one by one, with the same outcomes.

    Args:
        changes: In dependency order; those of one account follow each other as ``CHANGE_ORDER`` says.

    Returns:
        Exactly one :class:`Outcome` for each of these change objects, in any order. One that fails does not fail its
        neighbours.

    Raises:
        NotReady: no change is known to have been made; all of them are asked again in the next cycle.
    """


@hookspec(firstresult=True)
def create_account(ref: AccountRef) -> str:
    """Make the account of a resource, together with whatever the backend needs above it.

    Called: by ``order_process`` for a Create order; again after a crash.

    Args:
        ref: What to name it after. Put ``resource_uuid`` on the new object where the backend can hold a tag.

    Returns:
        The backend's id. An account that exists already and is this resource's own gives the same id again.

    Raises:
        BackendError: the name is taken by something else, or cannot be used; the order fails with this text.
        NotReady: the order stays as it is.
    """


@hookspec(firstresult=True)
def set_limits(ref: AccountRef, change: LimitChange) -> bool:
    """Bring the limits of an account to the wanted amounts.

    Called: by ``order_process`` for Create and Update orders, by ``membership_sync`` for an account without any.

    Args:
        ref: An account that exists.
        change: Wanted and previous amounts in backend units, and the order behind them.

    Returns:
        True where something was changed, False where it was so already.

    Raises:
        BackendError: the order fails with this text.
        NotReady: the order stays as it is.
    """


@hookspec(firstresult=True)
def set_status(ref: AccountRef, status: AccountStatus) -> bool:
    """Let the members of an account work, work less, or not at all.

    Called: by ``membership_sync`` when the resource's flags differ from ``AccountState.status``. Optional.

    Args:
        ref: An account that exists.
        status: Active, downscaled or paused.

    Returns:
        True where something was changed, False where it was so already.

    Raises:
        BackendError: the resource is set erred with this text.
        NotReady: asked again in the next cycle.
    """


@hookspec(firstresult=True)
def delete_account(ref: AccountRef) -> bool:
    """Remove an account, the work running in it, and what was made for it alone.

    Called: by ``order_process`` for a Terminate order; again after a crash.

    Args:
        ref: The account. Never remove one that is not this resource's own, nor anything below or above it that
            somebody else made.

    Returns:
        True where something was removed, False where it was gone already.

    Raises:
        BackendError: the order fails with this text and the resource is OK again.
        NotReady: the order stays as it is.
    """


# ---------------------------------------------------------------- members


@hookspec(firstresult=True)
def add_member(ref: AccountRef, member: Member) -> bool:
    """Let a person use an account.

    Called: by ``order_process`` after a Create order's account was made, by ``membership_sync``.

    Args:
        ref: An account that exists.
        member: The local name has been checked against the characters that any backend can take.

    Returns:
        True where the person was added, False where the person was in already.

    Raises:
        BackendError: this person is left out; the others go on.
        NotReady: asked again in the next cycle; ``expected=True`` where the person is only not known *yet*.
    """


@hookspec(firstresult=True)
def remove_member(ref: AccountRef, member: Member) -> bool:
    """Take a person's use of an account away; what that person runs in it ends.

    Called: by ``membership_sync``, after all additions.

    Args:
        ref: An account that exists.
        member: Someone whom Waldur knows; never a person whom somebody else put there.

    Returns:
        True where the person was removed, False where the person was not in.

    Raises:
        BackendError: this person stays; the others go on.
        NotReady: asked again in the next cycle.
    """


@hookspec(firstresult=True)
def set_member_limits(ref: AccountRef, member: Member, change: LimitChange) -> bool:
    """Bring a member's own limits within an account to the wanted amounts.

    Called: by ``membership_sync`` for members whose limits differ. Optional.

    Args:
        ref: An account that exists.
        member: A member of it.
        change: Wanted amounts in backend units. Components to be freed are in ``previous`` only.

    Returns:
        True where something was changed, False where it was so already.

    Raises:
        BackendError: this member's limits stay; the others go on.
        NotReady: asked again in the next cycle.
    """


# ---------------------------------------------------------------- health and notices


@hookspec
def check_health() -> Sequence[Health]:
    """Say what this plugin needs, whether it works, and how to mend it. Reads only.

    Called: by ``waldur-agent check``, on every plugin of the offering.

    Returns:
        One entry for each thing checked.

    Raises:
        NotReady: shown as one bad entry with this text.
    """


@hookspec
def members_synced(ref: AccountRef, members: Sequence[Member]) -> None:
    """Hear that an account's members are now these.

    Called: by ``order_process`` and ``membership_sync`` after an account's members were brought in step, also
        when nothing had to be changed. May come twice for one fact.

    Args:
        ref: The account.
        members: All members that the agent knows to be in it.

    Returns:
        Nothing; a result is ignored.

    Raises:
        Anything: logged with the plugin's name; the other listeners still hear.
    """


@hookspec
def hook_finished(outcome: Outcome) -> None:
    """Hear what became of a change. For audit, metrics, notification.

    Called: once for every change that was applied, after it ended.

    Args:
        outcome: The change and how it ended.

    Returns:
        Nothing; a result is ignored.

    Raises:
        Anything: logged with the plugin's name; the other listeners still hear.
    """

"""The life of a local account: who makes its name, and which step may follow which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from waldur_agent.emulator.errors import wrong_state
from waldur_agent.emulator.identifiers import slugify
from waldur_agent.emulator.records import Offering, OfferingUser, Project, User
from waldur_agent.emulator.state import State

PENDING: Final = ("Pending account linking", "Pending additional validation")
STATES: Final = (
    *("Requested", "Creating", *PENDING, "OK", "Requested deletion"),
    *("Deleting", "Deleted", "Error creating", "Error deleting"),
)
BEING_CREATED: Final = ("Requested", "Creating", *PENDING, "Error creating")


@dataclass(frozen=True, slots=True)
class Step:
    """From which states an action is possible, where it leads, and what becomes of the comments."""

    valid: tuple[str, ...]
    target: str
    comments: str = "kept"  # or "cleared", or "taken" from the request


STEPS: Final = {
    "begin_creating": Step(("Requested", "Error creating"), "Creating"),
    "set_pending_account_linking": Step(
        ("Creating", "Error creating", "Pending additional validation"), "Pending account linking", "taken"
    ),
    "set_pending_additional_validation": Step(
        ("Creating", "Error creating", "Pending account linking"), "Pending additional validation", "taken"
    ),
    "set_validation_complete": Step(PENDING, "OK", "cleared"),
    "set_ok": Step((*BEING_CREATED, "Error deleting"), "OK", "cleared"),
    "set_error_creating": Step(("Requested", "Creating", *PENDING), "Error creating"),
    "request_deletion": Step(("OK", "Creating", *PENDING, "Error creating"), "Requested deletion"),
    "set_deleting": Step(("Requested deletion", "Error deleting"), "Deleting"),
    "set_deleted": Step(("Deleting",), "Deleted"),
    "set_error_deleting": Step(("Requested deletion", "Deleting"), "Error deleting"),
}


def take_step(state: State, account: OfferingUser, action: str, *, comment: str = "", url: str = "") -> None:
    """Carry out one of :data:`STEPS`.

    Raises:
        ApiError: 409 from any other state.
    """
    step = STEPS[action]
    if account.state not in step.valid:
        raise wrong_state(*step.valid)
    account.state, account.modified = step.target, state.now()
    if step.comments == "cleared":
        account.comment = account.comment_url = ""
    elif step.comments == "taken":
        account.comment, account.comment_url = comment, url


def set_username(state: State, account: OfferingUser, username: str) -> None:
    """Name the account: while it is being created, a name makes it OK."""
    account.username, account.modified = username, state.now()
    if username and account.state in BEING_CREATED:
        account.state = "OK"
        account.comment = account.comment_url = ""


def make_account(state: State, offering: Offering, user: User, username: str = "") -> OfferingUser:
    """A new offering user, OK where it has a name and Requested where it waits for one."""
    now = state.now()
    account = OfferingUser(
        uuid=state.new_uuid("offering user"), user=user, offering=offering, created=now, modified=now
    )
    set_username(state, account, username)
    return state.add_offering_user(account)


def make_accounts(state: State, offering: Offering, project: Project) -> None:
    """Waldur's own job: an offering user for everybody in the project who has none yet."""
    if not offering.creates_offering_users:
        return
    for role in state.team_of(project):
        account_of(state, offering, role.user)


def account_of(state: State, offering: Offering, user: User) -> OfferingUser:
    """The user's account; where there is none yet, one named by the offering's policy."""
    account = state.account(offering, user)
    return account or make_account(state, offering, user, _name_by_policy(state, offering, user))


def _name_by_policy(state: State, offering: Offering, user: User) -> str:
    """The name that Waldur makes; empty where the policy leaves that to the provider."""
    policy = offering.plugin_options.get("username_generation_policy")
    if policy == "waldur_username":
        return user.username
    if policy == "full_name":
        return f"{slugify(user.full_name).replace('-', '_')}_01"
    if policy == "anonymized":
        prefix = offering.plugin_options.get("username_anonymized_prefix", "walduruser_")
        return f"{prefix}{state.next_number(f'anonymous in {offering.uuid}') - 1:05}"
    return ""

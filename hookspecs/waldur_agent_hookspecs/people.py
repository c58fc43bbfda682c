"""The hooks about persons, whether or not they are in an account. The rules are those of :mod:`.specs`."""

# A specification has no body.
# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .markers import hookspec

if TYPE_CHECKING:
    from .accounts import Member
    from .orders import User


@hookspec(firstresult=True)
def find_username(user: User) -> str:
    """Look up the local name that a person has already on this site.

    Called: for each person without a name, before ``generate_username``, once per cycle. Optional.

    Args:
        user: As much as Waldur tells of the person.

    Returns:
        The name, or an empty string where there is none.

    Raises:
        UserActionNeeded: the person is told what to do, and asked again in the next cycle.
        NotReady: the person is left as is.
    """


@hookspec(firstresult=True)
def generate_username(user: User, taken: frozenset[str]) -> str:
    """Make a new local name for a person.

    Called: when the offering's names are the provider's to make and ``find_username`` gave none.

    Args:
        user: As much as Waldur tells of the person.
        taken: Names that other persons have in this offering already.

    Returns:
        A name that is not taken, or an empty string where none can be made.

    Raises:
        UserActionNeeded: the person is told what to do, and asked again in the next cycle.
        BackendError: the person is marked as failed with this text.
        NotReady: the person is left as is.
    """


@hookspec
def prepare_users(members: Sequence[Member]) -> Mapping[str, str]:
    """Make what these users need on this machine, a home for example, whether or not they are in an account.

    Called: by ``waldur-agent create-homedirs``, on every plugin of the offering. The modes do not fire it:
        ``members_synced`` tells of those who are in an account.

    Args:
        members: All users of the offering who have a usable local name and are not restricted.

    Returns:
        By local name, why somebody has not got it; empty where all have it.

    Raises:
        NotReady: nobody is known to have got it; told with this text.
    """

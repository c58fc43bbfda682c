"""Names of accounts and users: which MAM's commands take safely, and how an account's name is made from slugs.

A leading ``-`` or ``+`` would be an option or a sign, ``|`` separates columns in answers. So only names of these two
patterns ever reach a command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import BackendError, NamePolicy

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .settings import MoabSettings

ACCOUNT_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
USER_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}")

TRIES: Final = 10
"""How many names are tried for an account that is named after its project: the bare one, then ``-0`` to ``-8``."""


class NoSlugError(ValueError):
    """A slug that is needed is not known (yet): nothing can be named after it."""


class BadNameError(ValueError):
    """The slug is there, but no account can have the name that it gives."""


@dataclass(frozen=True, slots=True)
class AccountNames:
    """The two accounts of a resource. ``allocations`` are candidates, best first."""

    project: str
    allocations: tuple[str, ...]


def account_names(ref: AccountRef, settings: MoabSettings) -> AccountNames:
    """Make the names for a resource. The allocation's is folded to lower case, the project's is not.

    Raises:
        NoSlugError: a slug is empty; the prefix alone would name an account that belongs to nobody.
        BadNameError: it has characters that would not come back from MAM as they are.
    """
    project = _checked(settings.project_prefix, ref.project.slug, "project")
    if ref.name_policy is NamePolicy.PROJECT_SLUG:
        base = _checked(settings.allocation_prefix, ref.project.slug, "project").lower()
        return AccountNames(project, (base, *(f"{base}-{number}" for number in range(TRIES - 1))))
    return AccountNames(project, (_checked(settings.allocation_prefix, ref.slug, "resource").lower(),))


def _checked(prefix: str, slug: str, whose: str) -> str:
    if not slug.strip():
        raise NoSlugError(f"the {whose} has no slug yet, so that no account can be named after it")
    name = prefix + slug
    if not ACCOUNT_NAME.fullmatch(name):
        raise BadNameError(
            f"the account name {name!r}, made from the slug of the {whose}, must consist of at most 128 letters, "
            "digits, '_', '.' and '-', and begin with a letter, a digit or '_'"
        )
    return name


def user_name(local_name: str) -> str:
    """Check a local user name.

    Raises:
        BackendError: a command could take it for something else.
    """
    if not USER_NAME.fullmatch(local_name):
        raise BackendError(f"the user name {local_name!r} cannot be given to MAM's commands; correct it in Waldur")
    return local_name

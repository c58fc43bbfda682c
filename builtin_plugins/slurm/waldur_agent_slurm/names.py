"""Names of accounts and users: which SLURM takes safely, and how an account's name is made from slugs.

``sacctmgr`` takes nearly everything and means something else by it: ``x[1-3]`` are three accounts, ``a=b`` is account
``b``, a leading ``-`` is an option, and what is longer than 255 characters is cut without a word. So only names of
these two patterns ever reach a command.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NamePolicy

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .settings import SlurmSettings

MAX_ACCOUNT_NAME: Final = 128
"""Room for a prefix, a long slug and a counter; half of what SLURM would cut."""

MAX_USER_NAME: Final = 64
"""``useradd`` stops at 32, but directories with realms (``user@example.org``) go beyond."""

ACCOUNT_NAME: Final = re.compile(rf"[a-z0-9][a-z0-9_.-]{{0,{MAX_ACCOUNT_NAME - 1}}}")
USER_NAME: Final = re.compile(rf"[a-z_][a-z0-9_.@-]{{0,{MAX_USER_NAME - 1}}}")

TRIES: Final = 10
"""How many names are tried for an account that is named after its project: the bare one, then ``-0`` to ``-8``."""


class NoSlugError(ValueError):
    """A slug that is needed is not known (yet): nothing can be named after it."""


class BadNameError(ValueError):
    """The slug is there, but no account can have the name that it gives."""


@dataclass(frozen=True, slots=True)
class AccountNames:
    """The three accounts of a resource, from the top. ``allocations`` are candidates, best first."""

    customer: str
    project: str
    allocations: tuple[str, ...]


def account_names(ref: AccountRef, settings: SlurmSettings) -> AccountNames:
    """Make the names for a resource.

    Raises:
        NoSlugError: a slug is empty; the prefix alone would name an account that belongs to nobody.
        BadNameError: characters or length that SLURM does not keep as they are.
    """
    customer = _name(settings.customer_prefix, ref.customer.slug, "customer")
    project = _name(settings.project_prefix, ref.project.slug, "project")
    if ref.name_policy is NamePolicy.PROJECT_SLUG:
        base = _name(settings.allocation_prefix, ref.project.slug, "project")
        candidates = (base, *(f"{base}-{number}" for number in range(TRIES - 1)))
        if not ACCOUNT_NAME.fullmatch(candidates[-1]):
            raise BadNameError(f"the account name {candidates[-1]!r} is longer than {MAX_ACCOUNT_NAME} characters")
    else:
        candidates = (_name(settings.allocation_prefix, ref.slug, "resource"),)
    return AccountNames(customer, project, candidates)


def _name(prefix: str, slug: str, whose: str) -> str:
    if not slug.strip():
        raise NoSlugError(f"the {whose} has no slug yet, so that no account can be named after it")
    name = (prefix + slug).lower()
    if len(name) > MAX_ACCOUNT_NAME:
        raise BadNameError(
            f"the account name {name!r}, made from the slug of the {whose}, has {len(name)} characters; "
            f"at most {MAX_ACCOUNT_NAME} are allowed"
        )
    if not ACCOUNT_NAME.fullmatch(name):
        raise BadNameError(
            f"the account name {name!r}, made from the slug of the {whose}, must consist of a-z, 0-9, '_', '.' and "
            "'-' and begin with a letter or a digit"
        )
    return name


def user_name(local_name: str) -> str:
    """Fold a local user name as SLURM does.

    Raises:
        BadNameError: SLURM could take the name for something else.
    """
    folded = local_name.lower()
    if not USER_NAME.fullmatch(folded):
        raise BadNameError(
            f"the user name {local_name!r} must consist of a-z, 0-9, '_', '.', '@' and '-', begin with a letter or "
            f"'_' and have at most {MAX_USER_NAME} characters"
        )
    return folded

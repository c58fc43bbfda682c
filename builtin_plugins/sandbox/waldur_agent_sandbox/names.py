"""How the names of accounts are made from Waldur's slugs. Nothing is read here.

Customers, projects and allocations share one name space, as they do in SLURM.
"""

from __future__ import annotations

import re

from waldur_agent_hookspecs import AccountRef, BackendError, NamePolicy, NotReady

from .settings import SandboxSettings

LONGEST = 60
ATTEMPTS = 10
"""How many names are tried where resources of one project share their name: ``x``, ``x-0``, ``x-1``, …"""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


def customer_name(settings: SandboxSettings, ref: AccountRef) -> str:
    """The name of the customer's account. Errors as for :func:`allocation_names`."""
    return _checked(settings.customer_prefix, ref.customer.slug, f"customer {ref.customer.uuid}")


def project_name(settings: SandboxSettings, ref: AccountRef) -> str:
    """The name of the project's account. Errors as for :func:`allocation_names`."""
    return _checked(settings.project_prefix, ref.project.slug, f"project {ref.project.uuid}")


def allocation_names(settings: SandboxSettings, ref: AccountRef) -> tuple[str, ...]:
    """The names that the resource's own account may have, the best first; the one that Waldur carries wins.

    Raises:
        NotReady: the server does not tell the slug that the name is made from.
        BackendError: the slug cannot be part of a name, or every name is one of the parents'.
    """
    if ref.backend_id:
        return (ref.backend_id,)
    parents = (customer_name(settings, ref), project_name(settings, ref))
    if parents[0] == parents[1]:
        raise BackendError(_same(parents[0], "the customer's and the project's"))
    names = tuple(name for name in _by_policy(settings, ref) if name not in parents)
    if not names:
        raise BackendError(_same(_by_policy(settings, ref)[0], "the resource's and a parent's"))
    return names


def _by_policy(settings: SandboxSettings, ref: AccountRef) -> tuple[str, ...]:
    if ref.name_policy is NamePolicy.RESOURCE_SLUG:
        return (_checked(settings.allocation_prefix, ref.slug, f"resource {ref.resource_uuid}"),)
    base = _checked(settings.allocation_prefix, ref.project.slug, f"project {ref.project.uuid}")
    return (base, *(f"{base}-{number}" for number in range(ATTEMPTS - 1)))


def _checked(prefix: str, slug: str, owner: str) -> str:
    # A name of the prefix alone would be shared by everybody whose slug is not told.
    if not slug:
        raise NotReady(f"Waldur tells no slug for {owner}, so its account has no name yet; set one in Waldur")
    name = (prefix + slug).lower()
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise BackendError(
            f"{name!r}, made for {owner}, cannot be an account's name: at most {LONGEST} characters out of a-z, "
            f"0-9, '_', '.' and '-', the first a letter or digit; change the slug in Waldur"
        )
    return name


def _same(name: str, whose: str) -> str:
    return f"{whose} account would both be named {name!r}; give the offering different prefixes"

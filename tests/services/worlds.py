"""Worlds of any size for the emulator."""

from __future__ import annotations

from typing import Any

from waldur_agent.emulator.scenario import Scenario

COMPONENTS = {
    "cpu": {"billing": "usage", "unit": "k-Hours", "factor": 60000},
    "gres/gpu": {"billing": "limit", "unit": "GPU-Hours", "factor": 60, "period": "total"},
}


DEPOSIT = {"deposit": {"billing": "limit", "unit": "EUR", "period": "total"}}


def deposit_world(*, orders: list[dict[str, Any]] | None = None, **resources: dict[str, Any]) -> Scenario:
    """A provider whose only component is a deposit, and the project "Ocean" of two, Jane Doe and Ann Smith.

    Args:
        orders: As a scenario has them; without any, a Create order for ``climate`` with a deposit of 100.
        resources: Resources that are there, by slug.
    """
    create = {"type": "Create", "resource": "climate", "project": "Ocean", "limits": {"deposit": 100}, "by": "jane"}
    return Scenario.model_validate(
        {
            "agent": "site-agent",
            "users": {"site-agent": "Site Agent", "jane": "Jane Doe", "ann": "Ann Smith"},
            "organizations": {
                "HPC Centre": {"provider": True, "owners": ["site-agent"]},
                "University": {"projects": {"Ocean": {"slug": "ocean", "team": {"jane": "member", "ann": "member"}}}},
            },
            "offerings": {
                "HPC cluster": {
                    "components": DEPOSIT,
                    "accounts": {"jane": "jdoe", "ann": "asmith"},
                    "resources": {slug: {"project": "Ocean", **it} for slug, it in resources.items()},
                    "orders": [create] if orders is None else orders,
                }
            },
        }
    )


def world(
    *,
    creates: int = 0,
    existing: int = 0,
    people: int = 3,
    projects: int = 5,
    server: dict[str, Any] | None = None,
    orders: list[dict[str, Any]] | None = None,
    plugin_options: dict[str, Any] | None = None,
) -> Scenario:
    """A provider with one cluster and a university with projects.

    Args:
        creates: Waiting Create orders for ``new-0``, ``new-1``, …, each with its own GPU limit (10, 11, …).
        existing: Resources ``old-0``, … in state OK with backend ids ``a_old-0``, … and 5 GPU hours.
        people: Members of every project, with local names ``user0``, ….
        projects: How many projects share the resources.
        orders: Further orders, as a scenario has them.
    """
    logins = [f"person{number}" for number in range(people)]
    project_names = [f"Project {number}" for number in range(projects)]
    slots = [project_names[number % projects] for number in range(max(creates, existing))]
    university = {
        name: {"slug": f"proj-{number}", "team": dict.fromkeys(logins, "member")}
        for number, name in enumerate(project_names)
    }
    resources = {f"old-{number}": _resource(number, slots[number]) for number in range(existing)}
    new = [_create_order(number, slots[number]) for number in range(creates)]
    return Scenario.model_validate(
        {
            "agent": "site-agent",
            "server": server or {},
            "users": {"site-agent": "Site Agent", **{login: login.title() for login in logins}},
            "organizations": {
                "HPC Centre": {"provider": True, "owners": ["site-agent"]},
                "University": {"slug": "uni", "projects": university},
            },
            "offerings": {
                "HPC cluster": {
                    "components": COMPONENTS,
                    "plugin_options": plugin_options or {},
                    "accounts": {login: f"user{number}" for number, login in enumerate(logins)},
                    "resources": resources,
                    "orders": [*new, *(orders or [])],
                }
            },
        }
    )


def _resource(number: int, project: str) -> dict[str, Any]:
    name = f"old-{number}"
    return {"project": project, "slug": name, "backend_id": f"a_{name}", "limits": {"gres/gpu": 5}}


def _create_order(number: int, project: str) -> dict[str, Any]:
    name = f"new-{number}"
    return {"type": "Create", "resource": name, "slug": name, "project": project, "limits": {"gres/gpu": 10 + number}}

"""What a world starts with: typed models, to be written in YAML or built in Python.

Objects are keyed by their names and refer to each other by them; UUIDs, slugs and tokens follow from the names
unless they are given::

    agent: site-agent                  # whose token the server announces; made where users do not have it
    server:
      marketplace_resource_uuid: always    # or after_approval: an order names its resource only then
      resource_slugs: all                  # or own, none: which slugs a resource tells (servers of 2024: own)
      event_queues: per_agent              # or per_type, bare, none: how agents get events (older servers: bare)
    users:
      alice: Alice Anders                                # a full name is enough
      bob: Bob Berg
      carol: Carol Cruz
      sam: {full_name: Sam Staff, staff: true}
    organizations:
      HPC Centre: {provider: true, owners: [site-agent]} # a provider's owners may do all that the agent does
      Example University:
        projects:
          Ocean:
            slug: ocean
            team: {alice: manager, bob: member, carol: {role: member, until: 2020-01-01}}
    offerings:
      HPC cluster:                                       # of the only provider, unless `provider` names one
        components:
          cpu: {name: CPU, billing: usage, unit: k-Hours, factor: 60000}
          gres/gpu: {name: GPU, billing: limit, unit: GPU-Hours, period: total}
        accounts: {alice: aanders, bob: {username: bberg, restricted: true}}   # local names, by Waldur login
        resources:
          climate: {project: Ocean, backend_id: hpc_climate, limits: {gres/gpu: 100}}
        orders:
          - {type: Create, resource: waves, project: Ocean, limits: {gres/gpu: 50}, by: alice}
          - {type: Update, resource: climate, limits: {gres/gpu: 250}}
          - {type: Terminate, resource: climate}

An order waits for the provider unless ``state`` says otherwise. Whoever has a role in a project with a resource
gets an offering user by the offering's ``username_generation_policy``, unless ``create_offering_users`` is false.
Amounts are in Waldur's units.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from .identifiers import as_hex
from .profile import EventQueues, ResourceSlugs

ProjectRole = Literal["admin", "manager", "member"]
OrderType = Literal["Create", "Update", "Terminate", "Restore"]
OrderState = Literal[
    "pending-consumer",
    "pending-provider",
    "pending-project",
    "pending-start-date",
    "executing",
    "done",
    "erred",
    "canceled",
    "rejected",
]
ResourceState = Literal["Creating", "OK", "Erred", "Updating", "Terminating", "Terminated"]
OfferingUserState = Literal[
    "Requested",
    "Creating",
    "Pending account linking",
    "Pending additional validation",
    "OK",
    "Requested deletion",
    "Deleting",
    "Deleted",
    "Error creating",
    "Error deleting",
]


class ScenarioError(ValueError):
    """The scenario cannot be used; the text names the place and what was expected there."""


def _shorthand(key: str) -> BeforeValidator:
    """A plain value stands for an object with that one key."""
    return BeforeValidator(lambda value: value if isinstance(value, dict | BaseModel) else {key: value})


def _uuid(value: object) -> object:
    if not isinstance(value, str) or not value:
        return value
    try:
        return as_hex(value)
    except ValueError:
        raise ValueError(f"{value!r} is no UUID (32 hex characters, with or without dashes)") from None


Uuid = Annotated[str, BeforeValidator(_uuid)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=False)


class ServerOptions(_Entry):
    """How the server differs from the newest one; see the module's text."""

    marketplace_resource_uuid: Literal["always", "after_approval"] = "always"
    resource_slugs: ResourceSlugs | None = None
    event_queues: EventQueues | None = None


class Person(_Entry):
    """A Waldur user. ``token`` is made from the login where it is not given."""

    full_name: str = ""
    email: str = ""
    token: str = ""
    staff: bool = False
    active: bool = True
    token_expires: datetime | None = None
    uuid: Uuid = ""


class Membership(_Entry):
    """A role in a project, until a moment (naive times are UTC)."""

    role: ProjectRole = "member"
    until: datetime | None = None


class ProjectEntry(_Entry):
    """A project and the people in it, by login."""

    slug: str = ""
    description: str = ""
    end_date: date | None = None
    team: dict[str, Annotated[Membership, _shorthand("role")]] = Field(default_factory=dict)
    uuid: Uuid = ""


class Organization(_Entry):
    """A customer. ``owners`` and ``managers`` are logins with a role in the organisation itself."""

    slug: str = ""
    provider: bool = False
    owners: list[str] = Field(default_factory=list)
    managers: list[str] = Field(default_factory=list)
    projects: dict[str, ProjectEntry] = Field(default_factory=dict)
    uuid: Uuid = ""


class ComponentEntry(_Entry):
    """A component; ``factor`` is backend units per Waldur unit, ``amount`` a cap in Waldur units per ``period``."""

    name: str = ""
    billing: Literal["fixed", "usage", "limit", "one", "few"] = "usage"
    unit: str = ""
    factor: int = Field(default=1, ge=1)
    period: Literal["month", "annual", "total", "quarterly"] | None = None
    amount: Decimal | None = None
    uuid: Uuid = ""


class Account(_Entry):
    """An offering user. Without ``state`` it is OK where it has a name and Requested where it has none."""

    username: str = ""
    state: OfferingUserState | None = None
    restricted: bool = False
    comment: str = ""


class ResourceEntry(_Entry):
    """A resource that exists already. ``user_limits`` goes by Waldur login, then by component."""

    project: str
    name: str = ""
    slug: str = ""
    state: ResourceState = "OK"
    backend_id: str = ""
    backend_metadata: dict[str, Any] = Field(default_factory=dict)
    limits: dict[str, int | float] = Field(default_factory=dict)
    user_limits: dict[str, dict[str, Decimal]] = Field(default_factory=dict)
    paused: bool = False
    downscaled: bool = False
    restrict_member_access: bool = False
    end_date: date | None = None
    uuid: Uuid = ""


class OrderEntry(_Entry):
    """An order. A Create order brings its resource along, with its ``slug``; the others name one that exists."""

    type: OrderType = "Create"
    resource: str
    slug: str = ""
    project: str = ""
    limits: dict[str, int | float] = Field(default_factory=dict)
    attributes: dict[str, Any] = Field(default_factory=dict)
    by: str = ""
    state: OrderState = "pending-provider"
    uuid: Uuid = ""


class OfferingEntry(_Entry):
    """An offering of type ``Marketplace.Slurm``; ``plugin_options`` are added to the usual ones."""

    slug: str = ""
    provider: str = ""
    state: Literal["Draft", "Active", "Paused", "Archived", "Unavailable"] = "Active"
    backend_id: str = ""
    managers: list[str] = Field(default_factory=list)
    components: dict[str, ComponentEntry] = Field(default_factory=dict)
    plugin_options: dict[str, Any] = Field(default_factory=dict)
    accounts: dict[str, Annotated[Account, _shorthand("username")]] = Field(default_factory=dict)
    create_offering_users: bool = True
    resources: dict[str, ResourceEntry] = Field(default_factory=dict)
    orders: list[OrderEntry] = Field(default_factory=list)
    uuid: Uuid = ""
    plan_uuid: Uuid = ""


class Scenario(_Entry):
    """A whole world."""

    agent: str = "site-agent"
    server: ServerOptions = Field(default_factory=ServerOptions)
    users: dict[str, Annotated[Person, _shorthand("full_name")]] = Field(default_factory=dict)
    organizations: dict[str, Organization] = Field(default_factory=dict)
    offerings: dict[str, OfferingEntry] = Field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: the first one would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - yaml's own signature
        """Build a mapping from ``node``."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands here a second time", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        ScenarioError: it cannot be read, is no YAML or does not have the shape of a scenario.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ScenarioError(f"{path}: a scenario is a mapping with users, organizations and offerings")
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        raise ScenarioError(f"{path}: {_problems(error)}") from error


def demo_scenario() -> Scenario:
    """The scenario that is served where none is named."""
    return read_scenario(Path(__file__).parent / "scenarios" / "demo.yaml")


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{_place(item['loc'])}: {item['msg']}" for item in error.errors())


def _place(location: tuple[int | str, ...]) -> str:
    """``offerings > HPC cluster > orders[2] > limits``: names may hold dots and spaces."""
    parts: list[str] = []
    for step in location:
        if isinstance(step, int) and parts:
            parts[-1] += f"[{step}]"
        else:
            parts.append(str(step))
    return " > ".join(parts)

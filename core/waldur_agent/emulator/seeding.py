"""From a scenario to the state that a server starts with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from .identifiers import stable_token, stable_uuid
from .profile import TODAY, Profile
from .records import Component, Customer, Offering, Order, Project, Resource, Role, User, UserLimit
from .rules import allocations
from .rules.offering_users import account_of, make_account, make_accounts
from .scenario import (
    ComponentEntry,
    Membership,
    OfferingEntry,
    OrderEntry,
    Organization,
    Person,
    ProjectEntry,
    ResourceEntry,
    Scenario,
    ScenarioError,
)
from .state import State

USUAL_OPTIONS: Final[Mapping[str, Any]] = {
    "username_generation_policy": "service_provider",
    "service_provider_can_create_offering_user": True,
}
_STARTED: Final = {"Create": "Creating", "Restore": "Creating", "Update": "Updating", "Terminate": "Terminating"}

Entry = TypeVar("Entry")


def seed(scenario: Scenario, profile: Profile = TODAY) -> State:
    """Build the state that a scenario describes.

    Raises:
        ScenarioError: a name refers to nothing; the text says where, and which names there are.
    """
    return _Seeding(scenario, profile).run()


class _Seeding:
    """One pass over a scenario. Everything is dated yesterday, a second apart, so that sorting by age is stable."""

    def __init__(self, scenario: Scenario, profile: Profile) -> None:
        self.scenario = scenario
        self.state = State(profile, scenario.server)
        self._moment = self.state.now() - timedelta(days=1)
        self._users: dict[str, User] = {}
        self._projects: dict[str, Project] = {}

    def run(self) -> State:
        agent = self.scenario.agent
        for username, person in ({agent: Person(full_name="Site Agent")} | self.scenario.users).items():
            self._add_user(username, person)
        self.state.agent = self.state.user(agent)
        for name, organization in self.scenario.organizations.items():
            self._add_organization(name, organization)
        self._let_agent_own()
        for name, offering in self.scenario.offerings.items():
            self._add_offering(name, offering)
        return self.state

    def _next_moment(self) -> datetime:
        self._moment += timedelta(seconds=1)
        return self._moment

    # ------------------------------------------------------------ people and organisations

    def _add_user(self, username: str, person: Person) -> None:
        self._users[username] = self.state.add_user(
            User(
                uuid=person.uuid or stable_uuid("user", username),
                username=username,
                full_name=person.full_name or username,
                email=person.email or f"{username}@example.org",
                token=person.token or stable_token(username),
                created=self._next_moment(),
                is_staff=person.staff,
                active=person.active,
                token_expires=_aware(person.token_expires),
            )
        )

    def _add_organization(self, name: str, entry: Organization) -> None:
        where = f"organizations > {name}"
        customer = Customer(
            uuid=entry.uuid or stable_uuid("customer", name),
            name=name,
            slug=entry.slug or self.state.new_slug(name),
            created=self._next_moment(),
            provider_uuid=stable_uuid("provider", name) if entry.provider else "",
        )
        self.state.customers[customer.uuid] = customer
        for role, logins in (("OWNER", entry.owners), ("MANAGER", entry.managers)):
            for login in logins:
                self._add_role(f"CUSTOMER.{role}", self._user(login, where), "customer", customer)
        for project_name, project in entry.projects.items():
            self._add_project(project_name, project, customer)

    def _add_project(self, name: str, entry: ProjectEntry, customer: Customer) -> None:
        project = Project(
            uuid=entry.uuid or stable_uuid("project", customer.name, name),
            name=name,
            slug=entry.slug or self.state.new_slug(name),
            customer=customer,
            created=self._next_moment(),
            description=entry.description,
            end_date=entry.end_date,
        )
        self.state.projects[project.uuid] = self._projects[name] = project
        self._projects.setdefault(project.slug, project)
        for login, membership in entry.team.items():
            self._add_member(login, membership, project)

    def _add_member(self, login: str, membership: Membership, project: Project) -> None:
        user = self._user(login, f"projects > {project.name} > team")
        name = f"PROJECT.{membership.role.upper()}"
        self._add_role(name, user, "project", project, until=_aware(membership.until))

    def _add_role(
        self,
        name: str,
        user: User,
        scope_type: str,
        scope: Customer | Project | Offering,
        until: datetime | None = None,
    ) -> None:
        self.state.add_role(
            Role(
                uuid=self.state.new_uuid("role"),
                name=name,
                user=user,
                scope_type=scope_type,
                scope_uuid=scope.uuid,
                scope_name=scope.name,
                created=self._next_moment(),
                expiration_time=until,
            )
        )

    def _let_agent_own(self) -> None:
        """An agent that the scenario gives no role owns the providers: the usual set-up need not be spelled out."""
        agent = self.state.user(self.scenario.agent)
        managed = any(self.scenario.agent in entry.managers for entry in self.scenario.offerings.values())
        if self.state.roles_of(agent) or agent.is_staff or managed:
            return
        for customer in self.state.customers.values():
            if customer.provider_uuid:
                self._add_role("CUSTOMER.OWNER", agent, "customer", customer)

    # ------------------------------------------------------------ offerings

    def _add_offering(self, name: str, entry: OfferingEntry) -> None:
        where = f"offerings > {name}"
        offering = Offering(
            uuid=entry.uuid or stable_uuid("offering", name),
            name=name,
            slug=entry.slug or self.state.new_slug(name),
            customer=self._provider(entry.provider, where),
            plan_uuid=entry.plan_uuid or stable_uuid("plan", name),
            created=self._next_moment(),
            state=entry.state,
            backend_id=entry.backend_id,
            components={kind: _component(name, kind, item) for kind, item in entry.components.items()},
            plugin_options={**USUAL_OPTIONS, **entry.plugin_options},
            creates_offering_users=entry.create_offering_users,
        )
        self.state.offerings[offering.uuid] = offering
        for login in entry.managers:
            self._add_role("OFFERING.MANAGER", self._user(login, where), "offering", offering)
        for login, account in entry.accounts.items():
            record = make_account(self.state, offering, self._user(login, where), account.username)
            record.state = account.state or record.state
            record.is_restricted, record.comment = account.restricted, account.comment
        resources = {key: self._add_resource(key, item, offering) for key, item in entry.resources.items()}
        for number, order in enumerate(entry.orders):
            self._add_order(order, offering, resources, f"{where} > orders[{number}]")
        for project in self.state.projects.values():
            if any(resource.offering is offering for resource in self.state.resources_of(project)):
                make_accounts(self.state, offering, project)

    def _provider(self, name: str, where: str) -> Customer:
        providers = {customer.name: customer for customer in self.state.customers.values() if customer.provider_uuid}
        if name:
            return _find(providers, name, "provider", where)
        if len(providers) != 1:
            raise ScenarioError(f"{where}: say which `provider`: there are {_listed(providers)}")
        return next(iter(providers.values()))

    # ------------------------------------------------------------ resources and orders

    def _add_resource(self, key: str, entry: ResourceEntry, offering: Offering) -> Resource:
        where = f"offerings > {offering.name} > resources > {key}"
        moment = self._next_moment()
        resource = self.state.add_resource(
            Resource(
                uuid=entry.uuid or stable_uuid("resource", offering.name, key),
                name=entry.name or key,
                slug=entry.slug or self.state.new_slug(entry.name or key),
                offering=offering,
                project=self._project(entry.project, where),
                created=moment,
                modified=moment,
                last_sync=moment,
                state=entry.state,
                backend_id=entry.backend_id,
                backend_metadata=entry.backend_metadata,
                limits=_known(entry.limits, offering, where),
                attributes={"name": entry.name or key},
                paused=entry.paused,
                downscaled=entry.downscaled,
                restrict_member_access=entry.restrict_member_access,
                end_date=entry.end_date,
                allocation=None if entry.state == "Creating" else allocations.OK,
            )
        )
        for login, limits in entry.user_limits.items():
            self._add_user_limits(resource, self._user(login, where), _known(limits, offering, where))
        return resource

    def _add_user_limits(self, resource: Resource, user: User, limits: Mapping[str, Any]) -> None:
        account = account_of(self.state, resource.offering, user)
        for kind, limit in limits.items():
            uuid = self.state.new_uuid("user limit")
            component = resource.offering.components[kind]
            self.state.user_limits[uuid] = UserLimit(uuid, resource, component, account, limit)

    def _add_order(self, entry: OrderEntry, offering: Offering, resources: dict[str, Resource], where: str) -> None:
        limits = _known(entry.limits, offering, where)
        if entry.type == "Create":
            if not entry.project:
                raise ScenarioError(f"{where}: a Create order needs a `project`")
            if entry.resource in resources:
                raise ScenarioError(f"{where}: there is a resource {entry.resource!r} already")
            new = ResourceEntry(project=entry.project, slug=entry.slug, state="Creating", limits=entry.limits)
            resources[entry.resource] = self._add_resource(entry.resource, new, offering)
        resource = _find(resources, entry.resource, "resource", where)
        attributes: dict[str, Any] = {"name": resource.name} if entry.type == "Create" else {}
        if entry.type == "Update":
            attributes = {"old_limits": dict(resource.limits)}
        moment = self._next_moment()
        user = self._user(entry.by, where) if entry.by else self._customer_of(resource)
        order = Order(
            uuid=entry.uuid or stable_uuid("order", offering.name, where),
            type=entry.type,
            state=entry.state,
            resource=resource,
            created_by=user,
            created=moment,
            modified=moment,
            limits=limits,
            attributes={**attributes, **entry.attributes},
        )
        if entry.state != "pending-consumer":
            order.consumer_reviewed_by, order.consumer_reviewed_at = user, moment
        self.state.add_order(order)
        if entry.state == "executing":
            resource.state = _STARTED[entry.type]
            resource.allocation = allocations.SCHEDULED[entry.type]

    def _customer_of(self, resource: Resource) -> User:
        """Somebody who may have ordered: the first in the project's team, or else the agent."""
        team = self.state.team_of(resource.project)
        return team[0].user if team else self.state.user(self.scenario.agent)

    # ------------------------------------------------------------ names

    def _user(self, login: str, where: str) -> User:
        return _find(self._users, login, "user", where)

    def _project(self, name: str, where: str) -> Project:
        return _find(self._projects, name, "project", where)


def _find(known: Mapping[str, Entry], name: str, kind: str, where: str) -> Entry:
    if name not in known:
        raise ScenarioError(f"{where}: there is no {kind} {name!r}; there are {_listed(known)}")
    return known[name]


def _listed(names: Iterable[str]) -> str:
    shown = sorted(names)
    if not shown:
        return "none"
    return ", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else "")


def _known(amounts: Mapping[str, Any], offering: Offering, where: str) -> dict[str, Any]:
    for kind in amounts:
        _find(offering.components, kind, "component", f"{where} > limits")
    return dict(amounts)


def _component(offering: str, kind: str, entry: ComponentEntry) -> Component:
    return Component(
        uuid=entry.uuid or stable_uuid("component", offering, kind),
        type=kind,
        name=entry.name or kind,
        billing_type=entry.billing,
        measured_unit=entry.unit,
        unit_factor=entry.factor,
        limit_period=entry.period,
        limit_amount=entry.amount,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment

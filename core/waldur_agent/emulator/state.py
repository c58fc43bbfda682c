"""Everything that the emulated Waldur holds, with the look-ups that keep thousands of objects quick.

All of it is guarded by one lock: the server holds it while it answers a request, and a test that reads or changes
something while requests may be under way does the same (``with state.lock:``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from .agent_records import AgentIdentity, AgentService, EventSubscription, SubscriptionQueue
from .at_broker import AtBroker
from .identifiers import slugify, stable_uuid
from .profile import TODAY, EventQueues, Profile, ResourceSlugs
from .records import (
    ComponentUsage,
    Customer,
    Offering,
    OfferingUser,
    Order,
    Project,
    Resource,
    Role,
    User,
    UserLimit,
    UserUsage,
)
from .scenario import ServerOptions
from .state_lock import StateLock

Named = TypeVar("Named", Customer, Offering, Project, Resource)


class State:
    """Tables by UUID, in the order of creation, and indexes over them.

    Attributes:
        clock_shift: Added to the wall clock: lets a test look at the next month.
        agent_seen: (offering UUID, kind of agent) to the last request of an agent: the integration status.
        at_broker: Makes what endpoints need at the broker, if there is one.
    """

    def __init__(self, profile: Profile = TODAY, options: ServerOptions | None = None) -> None:
        self.profile = profile
        self.options = options or ServerOptions()
        self.lock = StateLock()
        self.at_broker = AtBroker()
        self.clock_shift = timedelta(0)
        self.agent: User | None = None
        self.users: dict[str, User] = {}
        self.customers: dict[str, Customer] = {}
        self.projects: dict[str, Project] = {}
        self.offerings: dict[str, Offering] = {}
        self.resources: dict[str, Resource] = {}
        self.orders: dict[str, Order] = {}
        self.offering_users: dict[str, OfferingUser] = {}
        self.usages: dict[str, ComponentUsage] = {}
        self.user_usages: dict[str, UserUsage] = {}
        self.user_limits: dict[str, UserLimit] = {}
        self.agent_seen: dict[tuple[str, str], datetime] = {}
        self.subscriptions: dict[str, EventSubscription] = {}
        self.subscription_queues: dict[str, SubscriptionQueue] = {}
        self.identities: dict[str, AgentIdentity] = {}
        self.services: dict[str, AgentService] = {}
        self._tokens: dict[str, User] = {}
        self._logins: dict[str, User] = {}
        self._slugs: dict[str, int] = {}
        self._accounts: dict[tuple[str, str], OfferingUser] = {}
        self._roles_of_user: dict[str, list[Role]] = defaultdict(list)
        self._roles_in_scope: dict[str, list[Role]] = defaultdict(list)
        self._resources_of_project: dict[str, list[Resource]] = defaultdict(list)
        self._orders_of_resource: dict[str, list[Order]] = defaultdict(list)
        self._usages_of_resource: dict[str, list[ComponentUsage]] = defaultdict(list)
        self._user_usages_of: dict[str, list[UserUsage]] = defaultdict(list)
        self._counters: dict[str, int] = {}

    # ------------------------------------------------------------ time and identity

    def now(self) -> datetime:
        """The server's time, aware."""
        return datetime.now(UTC) + self.clock_shift

    def next_number(self, series: str) -> int:
        """1, 2, 3, … for each series."""
        self._counters[series] = self._counters.get(series, 0) + 1
        return self._counters[series]

    def new_uuid(self, kind: str) -> str:
        """A UUID that no other object has; the n-th of a kind is the same in every run."""
        return stable_uuid("later", kind, self.next_number(kind))

    def new_slug(self, name: str) -> str:
        """A slug that no other object has."""
        slug = slugify(name)
        if self.profile.slug_length:
            slug = slug[: self.profile.slug_length]
        self._slugs[slug] = number = self._slugs.get(slug, 0) + 1
        return slug if number == 1 and not self.profile.slug_length else f"{slug}-{number}"

    @property
    def event_queues(self) -> EventQueues:
        """How events are handed out: as the scenario says, or else as servers of this time do."""
        return self.options.event_queues or self.profile.event_queues

    @property
    def resource_slugs(self) -> ResourceSlugs:
        """Which slugs a resource tells: likewise."""
        return self.options.resource_slugs or self.profile.resource_slugs

    # ------------------------------------------------------------ adding

    def add_user(self, user: User) -> User:
        """Remember a user, findable by token and login."""
        self.users[user.uuid] = self._tokens[user.token] = self._logins[user.username] = user
        return user

    def add_role(self, role: Role) -> Role:
        """Remember a role, findable by user and scope."""
        self._roles_of_user[role.user.uuid].append(role)
        self._roles_in_scope[role.scope_uuid].append(role)
        return role

    def drop_role(self, role: Role) -> None:
        """Forget a role."""
        self._roles_of_user[role.user.uuid].remove(role)
        self._roles_in_scope[role.scope_uuid].remove(role)

    def add_resource(self, resource: Resource) -> Resource:
        """Remember a resource, findable by project."""
        self.resources[resource.uuid] = resource
        self._resources_of_project[resource.project.uuid].append(resource)
        return resource

    def add_order(self, order: Order) -> Order:
        """Remember an order, findable by resource."""
        self.orders[order.uuid] = order
        self._orders_of_resource[order.resource.uuid].append(order)
        return order

    def add_offering_user(self, account: OfferingUser) -> OfferingUser:
        """Remember a local account, findable by offering and user."""
        self.offering_users[account.uuid] = account
        self._accounts[account.offering.uuid, account.user.uuid] = account
        return account

    def drop_offering_user(self, account: OfferingUser) -> None:
        """Forget a local account."""
        del self.offering_users[account.uuid]
        del self._accounts[account.offering.uuid, account.user.uuid]

    def add_usage(self, usage: ComponentUsage) -> ComponentUsage:
        """Remember a usage record, findable by resource."""
        self.usages[usage.uuid] = usage
        self._usages_of_resource[usage.resource.uuid].append(usage)
        return usage

    def add_user_usage(self, usage: UserUsage) -> UserUsage:
        """Remember what one account used, findable by the record that it is part of."""
        self.user_usages[usage.uuid] = usage
        self._user_usages_of[usage.component_usage.uuid].append(usage)
        return usage

    def forget_usage(self) -> None:
        """Leave no usage record, as if nothing had been reported yet."""
        for kept in (self.usages, self.user_usages, self._usages_of_resource, self._user_usages_of):
            kept.clear()

    # ------------------------------------------------------------ looking up

    def user_with_token(self, token: str) -> User | None:
        """The user whom this token belongs to."""
        return self._tokens.get(token)

    def user(self, username: str) -> User:
        """The user of that Waldur login."""
        return self._logins[username]

    def account(self, offering: Offering, user: User) -> OfferingUser | None:
        """The local account of a user in an offering."""
        return self._accounts.get((offering.uuid, user.uuid))

    def roles_of(self, user: User) -> list[Role]:
        """The roles of a user that hold now."""
        now = self.now()
        return [role for role in self._roles_of_user[user.uuid] if role.holds(now)]

    def team_of(self, project: Project) -> list[Role]:
        """The roles in a project that hold now."""
        now = self.now()
        return [role for role in self._roles_in_scope[project.uuid] if role.holds(now)]

    def resources_of(self, project: Project) -> list[Resource]:
        """All resources of a project, terminated ones included."""
        return self._resources_of_project[project.uuid]

    def orders_of(self, resource: Resource) -> list[Order]:
        """All orders about a resource, oldest first."""
        return self._orders_of_resource[resource.uuid]

    def usages_of(self, resource: Resource) -> list[ComponentUsage]:
        """All usage records of a resource."""
        return self._usages_of_resource[resource.uuid]

    def user_usages_of(self, usage: ComponentUsage) -> list[UserUsage]:
        """The parts of a usage record, by local account."""
        return self._user_usages_of[usage.uuid]

    def resource(self, name: str) -> Resource:
        """The first resource of that name."""
        return _named(name, self.resources.values())

    def project(self, name: str) -> Project:
        """The first project of that name."""
        return _named(name, self.projects.values())

    def offering(self, name: str = "") -> Offering:
        """The first offering of that name; without a name the first of all."""
        return _named(name, self.offerings.values()) if name else next(iter(self.offerings.values()))


def _named(name: str, among: Iterable[Named]) -> Named:
    for record in among:
        if record.name == name:
            return record
    raise KeyError(name)

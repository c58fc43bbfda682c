"""Who sees what, and who may do what, by the roles that a user has at this moment."""

from __future__ import annotations

from collections import defaultdict

from .errors import forbidden
from .records import Customer, Offering, OfferingUser, Order, Project, Resource, User
from .state import State


class Access:
    """One user's rights, worked out once per request."""

    def __init__(self, state: State, user: User) -> None:
        self.user = user
        self._permissions = state.profile.permissions
        self._names: dict[str, set[str]] = defaultdict(set)
        for role in state.roles_of(user):
            self._names[role.scope_uuid].add(role.name)

    def provides(self, offering: Offering) -> bool:
        """Whether the user is on the provider's side of an offering."""
        return self.user.is_staff or offering.customer.uuid in self._names or offering.uuid in self._names

    def consumes(self, project: Project) -> bool:
        """Whether the user is on the customer's side of a project."""
        return self.user.is_staff or project.uuid in self._names or project.customer.uuid in self._names

    def sees_order(self, order: Order) -> bool:
        """Both sides see an order."""
        return self.provides(order.resource.offering) or self.consumes(order.resource.project)

    def sees_resource(self, resource: Resource) -> bool:
        """Both sides see a resource, the customer only by the customer's endpoints."""
        return self.provides(resource.offering) or self.consumes(resource.project)

    def sees_account(self, account: OfferingUser) -> bool:
        """A provider sees local accounts only where the offering's options let it make them; people see their own."""
        if self.user.is_staff or account.user is self.user:
            return True
        allowed = account.offering.plugin_options.get("service_provider_can_create_offering_user")
        return bool(allowed) and self.provides(account.offering)

    def may(self, permission: str, *scopes: Offering | Customer) -> bool:
        """Whether one of the user's roles in one of the scopes allows it."""
        names = {name for scope in scopes for name in self._names.get(scope.uuid, ())}
        return self.user.is_staff or any(permission in self._permissions.get(name, ()) for name in names)

    def require(self, permission: str, offering: Offering) -> None:
        """Raise 403 unless the user has the permission in the offering or at its provider."""
        if not self.may(permission, offering, offering.customer):
            raise forbidden()

    def require_at_provider(self, permission: str, customer: Customer) -> None:
        """Raise 403 unless the user has the permission in the provider organisation itself.

        Waldur asks for the permissions about orders there: a mere offering manager never has them.
        """
        if not self.may(permission, customer):
            raise forbidden()

    def require_staff(self) -> None:
        """Raise 403 unless the user is staff."""
        if not self.user.is_staff:
            raise forbidden()

"""The calls that the agent makes, one method each, by the names that Waldur has for them.

It asks only for the fields that are used, and finds out what a server has by asking, never by its version.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from . import objects
from .components import OfferingComponents
from .connection import Connection
from .errors import EndpointMissing, NotFound, Unavailable, WaldurError
from .learned import Learned
from .objects import Offering, OfferingUser, Order, Resource, Scope, UserLimit
from .offering_users import OfferingUsers
from .pages import PAGE_SIZE, first_page, read_list
from .usages import Usages

log = logging.getLogger(__name__)

Item = TypeVar("Item")

SCOPE_FIELDS = [f"{kind}_{key}" for kind in ("project", "customer") for key in ("uuid", "slug", "name")]
ORDER_FIELDS = [
    *("uuid", "offering_uuid", "type", "state", "marketplace_resource_uuid", "resource_name", "limits"),
    *("attributes", "created"),
    *SCOPE_FIELDS,
]
RESOURCE_FIELDS = ["uuid", "offering_uuid", "name", "slug", "state", "backend_id", "limits", *SCOPE_FIELDS]
SYNC_FIELDS = [*RESOURCE_FIELDS, "paused", "downscaled", "restrict_member_access", "backend_metadata"]
OFFERING_USER_FIELDS = [
    *("uuid", "user_uuid", "username", "user_full_name", "is_restricted", "state", "user_username"),
    *("user_first_name", "user_last_name", "user_email", "service_provider_comment"),
]
OFFERING_FIELDS = ["uuid", "name", "state", "customer_name", "plugin_options", "components"]
LIVE = ["OK", "Erred"]
ROLES_PER_RESOURCE = "list_users of resources"
OPEN_ORDERS = ["pending-provider", "executing"]
ERROR_LENGTH = 4000


class Waldur:
    """One offering's view of one Waldur server.

    Args:
        connection: To that server.
        offering_uuid: The offering.
        learned: What was found out about the server; handed from pass to pass, so that it is asked and logged once.

    Attributes:
        unreadable: What is wrong with listed objects that had to be left out, by UUID.
    """

    def __init__(self, connection: Connection, offering_uuid: str, learned: set[str] | None = None) -> None:
        self.connection = connection
        self.offering_uuid = offering_uuid
        self.accounts = OfferingUsers(connection)
        self.components = OfferingComponents(connection, offering_uuid)
        self._offering: Offering | None = None
        self.unreadable: dict[str, str] = {}
        self.learned = Learned(set() if learned is None else learned)
        self.usages = Usages(connection, offering_uuid, self.learned)

    # ------------------------------------------------------------ reading

    def me(self) -> dict[str, Any]:
        """The token's own user; keys but ``username`` may be absent."""
        body = self.connection.get("users/me/").body
        return body if isinstance(body, dict) else {}

    def offering(self) -> Offering:
        """The offering itself, read once: an instance of this class lives for one pass."""
        if self._offering is None:
            path = f"marketplace-provider-offerings/{self.offering_uuid}/"
            self._offering = objects.offering(self.connection.get(path, {"field": OFFERING_FIELDS}).body)
        return self._offering

    def open_orders(self) -> list[Order]:
        """Orders that wait for the provider or are being carried out, oldest first."""
        params = {"offering_uuid": self.offering_uuid, "state": OPEN_ORDERS, "field": ORDER_FIELDS}
        items = read_list(self.connection, "marketplace-orders/", params)
        # Sorted here: not every server takes "created" as a sort key.
        return sorted(self._understood("order", objects.order, items), key=lambda order: order.created)

    def order(self, uuid: str) -> Order:
        """One order as it is now."""
        return objects.order(self.connection.get(f"marketplace-orders/{uuid}/", {"field": ORDER_FIELDS}).body)

    def open_order(self, uuid: str) -> Order | None:
        """One order; None where it is not open, or not of this offering."""
        order = self.order(uuid)
        here = order.offering_uuid in {"", self.offering_uuid}
        return order if here and order.state in OPEN_ORDERS else None

    def resource(self, uuid: str) -> Resource:
        """One resource as it is now."""
        answer = self.connection.get(f"marketplace-provider-resources/{uuid}/", {"field": RESOURCE_FIELDS})
        return objects.resource(answer.body)

    def live_resources(self, project_uuid: str = "", *, page_size: int = PAGE_SIZE) -> list[Resource]:
        """Resources that have an account and may be in use, of the offering or of one project in it."""
        params: dict[str, str | list[str]] = {"offering_uuid": self.offering_uuid}
        params |= {"state": LIVE, "field": SYNC_FIELDS} | ({"project_uuid": project_uuid} if project_uuid else {})
        items = read_list(self.connection, "marketplace-provider-resources/", params, page_size)
        found = [it for it in self._understood("resource", objects.resource, items) if it.backend_id]
        odd = {str(it.get("backend_id")).strip().lower() for it in items if str(it.get("uuid")) in self.unreadable}
        # Who shares an account with one that makes no sense must not be left alone with it.
        twins = [it for it in found if it.backend_id.lower() in odd]
        self.unreadable |= {it.uuid: f"resource {it.uuid} shares {it.backend_id} with such a one" for it in twins}
        return [it for it in found if it not in twins]

    def live_resource(self, uuid: str) -> Resource | None:
        """One of them; None where it is not live, or not of this offering."""
        path = f"marketplace-provider-resources/{uuid}/"
        resource = objects.resource(self.connection.get(path, {"field": SYNC_FIELDS}).body)
        here = resource.offering_uuid in {"", self.offering_uuid}
        return resource if here and resource.backend_id and resource.state in LIVE else None

    def scopes(self, project_uuid: str) -> tuple[Scope, Scope] | None:
        """Project and customer as any order of the project here tells them; None where there is no order."""
        params = {"offering_uuid": self.offering_uuid, "project_uuid": project_uuid, "field": ORDER_FIELDS}
        items, _ = first_page(self.connection, "marketplace-orders/", params, 1)
        orders = [objects.order(item) for item in items[:1]]
        return (orders[0].project, orders[0].customer) if orders else None

    def team(self, resource_uuid: str) -> frozenset[str]:
        """UUIDs of the persons with a role in the resource's project."""
        path = f"marketplace-provider-resources/{resource_uuid}/team/"
        return frozenset(objects.hex_uuid(item.get("uuid")) for item in read_list(self.connection, path, {})) - {""}

    def offering_users(self) -> list[OfferingUser]:
        """All local accounts of the offering, restricted ones and those being deleted included."""
        params = {"offering_uuid": self.offering_uuid, "field": OFFERING_USER_FIELDS}
        items = read_list(self.connection, "marketplace-offering-users/", params)
        return [objects.offering_user(item) for item in items]

    def url_of(self, user: OfferingUser) -> str:
        """By which other objects refer to a local account."""
        return f"{self.connection.api_url}marketplace-offering-users/{user.uuid}/"

    def names_elsewhere(self, user_uuid: str) -> tuple[str, ...]:
        """Local names that a person has in other offerings that this token can see, oldest first."""
        params = {"user_uuid": user_uuid, "field": ["uuid", "username", "offering_uuid", "created"]}
        items = read_list(self.connection, "marketplace-offering-users/", params)
        others = [item for item in items if objects.hex_uuid(item.get("offering_uuid")) != self.offering_uuid]
        named = sorted((str(item.get("created", "")), str(item.get("username") or "")) for item in others)
        return tuple(dict.fromkeys(name for _, name in named if name.strip()))

    def user_limits(self) -> list[UserLimit] | None:
        """What persons may use of resources; None on a server that has no such limits."""
        name = "component-user-usage-limits"
        if name in self.learned:
            return None
        try:
            items = read_list(self.connection, f"{name}/", {"offering_uuid": self.offering_uuid})
        except EndpointMissing:
            self.learned.lacks(name)
            return None
        return [limit for limit in map(objects.user_limit, items) if limit]

    def _understood(
        self, kind: str, read: Callable[[dict[str, Any]], Item], items: list[dict[str, Any]]
    ) -> list[Item]:
        """What can be understood; an object that cannot is noted, left alone, and keeps nobody from the others."""
        found = []
        for item in items:
            try:
                found.append(read(item))
            except Unavailable as error:
                uuid = str(item.get("uuid"))
                self.unreadable[uuid] = f"{kind} {uuid} makes no sense, and is left alone: {error}"
        return found

    # ------------------------------------------------------------ orders

    def approve(self, order_uuid: str) -> None:
        """Take an order on."""
        self.connection.post(f"marketplace-orders/{order_uuid}/approve_by_provider/", {})

    def reject(self, order_uuid: str, comment: str) -> None:
        """Turn an order down; the comment is shown to the customer."""
        body = {"provider_rejection_comment": comment[:ERROR_LENGTH]}
        self.connection.post(f"marketplace-orders/{order_uuid}/reject_by_provider/", body)

    def set_done(self, order_uuid: str) -> None:
        """The order is carried out."""
        self.connection.post(f"marketplace-orders/{order_uuid}/set_state_done/")

    def set_erred(self, order_uuid: str, message: str) -> None:
        """The order failed for good. Both texts are always sent: older servers answer 500 where one is absent."""
        body = {"error_message": message[:ERROR_LENGTH], "error_traceback": ""}
        self.connection.post(f"marketplace-orders/{order_uuid}/set_state_erred/", body)

    # ------------------------------------------------------------ resources

    def set_backend_id(self, resource_uuid: str, backend_id: str) -> None:
        """Tell which account serves the resource."""
        path = f"marketplace-provider-resources/{resource_uuid}/set_backend_id/"
        self.connection.post(path, {"backend_id": backend_id})

    def set_limits(self, resource_uuid: str, limits: Mapping[str, Decimal]) -> None:
        """Tell which limits the account really has."""
        body = {"limits": {name: objects.number(amount) for name, amount in limits.items()}}
        self._optional("set_limits", f"marketplace-provider-resources/{resource_uuid}/set_limits/", body)

    def set_metadata(self, resource_uuid: str, metadata: Mapping[str, Any]) -> None:
        """Tell what is to be shown; replaces all that was there."""
        path = f"marketplace-provider-resources/{resource_uuid}/set_backend_metadata/"
        self._optional("set_backend_metadata", path, {"backend_metadata": dict(metadata)})

    def refresh_last_sync(self, resource_uuid: str) -> None:
        """Tell that the account was compared and is as it should be."""
        self._optional(
            "refresh_last_sync", f"marketplace-provider-resources/{resource_uuid}/refresh_last_sync/", None
        )

    def set_resource_ok(self, resource_uuid: str) -> None:
        """The resource works again."""
        self._optional("set_as_ok", f"marketplace-provider-resources/{resource_uuid}/set_as_ok/", None)

    def set_resource_erred(self, resource_uuid: str, message: str) -> None:
        """The resource does not work; the text is for people. Older servers allow it to staff only."""
        body = {"error_message": message[:ERROR_LENGTH], "error_traceback": ""}
        self._optional("set_as_erred", f"marketplace-provider-resources/{resource_uuid}/set_as_erred/", body)

    def release_allocation(self, resource_uuid: str) -> None:
        """Set the hidden allocation of older servers to OK: without it they refuse the resource's next Update."""
        path = f"marketplace-slurm-remote/{resource_uuid}/set_state/"
        self._optional("marketplace-slurm-remote set_state", path, {"state": "ok"}, quiet=True)

    def roles_per_resource(self, resource_uuid: str) -> bool:
        """Whether this server may know roles on single resources, so that teams differ within a project."""
        if ROLES_PER_RESOURCE in self.learned:
            return False
        try:
            self.connection.get(f"marketplace-provider-resources/{resource_uuid}/list_users/", {"page_size": 1})
        except (EndpointMissing, NotFound):
            return False
        except WaldurError as error:
            log.debug("Teams are asked for one by one, since it is not known whether they may differ: %s", error)
        return True

    def _optional(self, name: str, path: str, body: Any, *, quiet: bool = False) -> None:
        """An action that not every server has; its failure is never the caller's."""
        if name in self.learned:
            return
        try:
            self.connection.post(path, body)
        except EndpointMissing:
            self.learned.lacks(name)
        except WaldurError as error:
            log.log(logging.DEBUG if quiet else logging.WARNING, "Going on although %s failed: %s", name, error)

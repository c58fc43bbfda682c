"""The calls that the agent makes, one method each, by the names that Waldur has for them.

It asks only for the fields that are used, and finds out what a server has by asking, never by its version.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from . import objects
from .connection import Connection
from .errors import EndpointMissing, WaldurError
from .objects import Offering, OfferingUser, Order, Resource
from .pages import read_list

log = logging.getLogger(__name__)

SCOPE_FIELDS = [f"{kind}_{key}" for kind in ("project", "customer") for key in ("uuid", "slug", "name")]
ORDER_FIELDS = [
    *("uuid", "type", "state", "marketplace_resource_uuid", "resource_name", "limits", "attributes", "created"),
    *SCOPE_FIELDS,
]
RESOURCE_FIELDS = ["uuid", "name", "slug", "state", "backend_id", "limits", *SCOPE_FIELDS]
OFFERING_USER_FIELDS = ["uuid", "user_uuid", "username", "user_full_name", "is_restricted", "state"]
OFFERING_FIELDS = ["uuid", "name", "state", "plugin_options"]
OPEN_ORDERS = ["pending-provider", "executing"]
ERROR_LENGTH = 4000


class Waldur:
    """One offering's view of one Waldur server."""

    def __init__(self, connection: Connection, offering_uuid: str) -> None:
        self.connection = connection
        self.offering_uuid = offering_uuid
        self._absent: set[str] = set()
        self._lock = threading.Lock()

    # ------------------------------------------------------------ reading

    def me(self) -> dict[str, Any]:
        """The token's own user; keys but ``username`` may be absent."""
        body = self.connection.get("users/me/").body
        return body if isinstance(body, dict) else {}

    def offering(self) -> Offering:
        """The offering itself."""
        answer = self.connection.get(
            f"marketplace-provider-offerings/{self.offering_uuid}/", {"field": OFFERING_FIELDS}
        )
        return objects.offering(answer.body)

    def open_orders(self) -> list[Order]:
        """Orders that wait for the provider or are being carried out, oldest first."""
        params = {"offering_uuid": self.offering_uuid, "state": OPEN_ORDERS, "field": ORDER_FIELDS}
        items = read_list(self.connection, "marketplace-orders/", params)
        # Sorted here: not every server takes "created" as a sort key.
        return sorted(map(objects.order, items), key=lambda order: order.created)

    def order(self, uuid: str) -> Order:
        """One order as it is now."""
        return objects.order(self.connection.get(f"marketplace-orders/{uuid}/", {"field": ORDER_FIELDS}).body)

    def resource(self, uuid: str) -> Resource:
        """One resource as it is now."""
        answer = self.connection.get(f"marketplace-provider-resources/{uuid}/", {"field": RESOURCE_FIELDS})
        return objects.resource(answer.body)

    def team(self, resource_uuid: str) -> frozenset[str]:
        """UUIDs of the persons with a role in the resource's project."""
        path = f"marketplace-provider-resources/{resource_uuid}/team/"
        return frozenset(objects.hex_uuid(item.get("uuid")) for item in read_list(self.connection, path, {})) - {""}

    def offering_users(self) -> list[OfferingUser]:
        """All local accounts of the offering, restricted ones and those being deleted included."""
        params = {"offering_uuid": self.offering_uuid, "field": OFFERING_USER_FIELDS}
        items = read_list(self.connection, "marketplace-offering-users/", params)
        return [objects.offering_user(item) for item in items]

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

    def release_allocation(self, resource_uuid: str) -> None:
        """Set the hidden allocation of older servers to OK: without it they refuse the resource's next Update."""
        self._optional(
            "marketplace-slurm-remote set_state",
            f"marketplace-slurm-remote/{resource_uuid}/set_state/",
            {"state": "ok"},
        )

    def _optional(self, name: str, path: str, body: Any) -> None:
        """An action that not every server has; its failure is never the caller's."""
        with self._lock:
            if name in self._absent:
                return
        try:
            self.connection.post(path, body)
        except EndpointMissing:
            with self._lock:
                if name not in self._absent:
                    log.info("This server has no %s; going on without it.", name)
                self._absent.add(name)
        except WaldurError as error:
            log.debug("Going on although %s failed: %s", name, error)

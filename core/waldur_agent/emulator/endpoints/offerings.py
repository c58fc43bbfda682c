"""``/api/marketplace-provider-offerings/``."""

from __future__ import annotations

import flask

from waldur_agent.emulator.call import SortKeys, answer_one, answer_page, body, current_call, nothing, visible
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.records import OFFERING_TYPE, Offering
from waldur_agent.emulator.rules import components as rules
from waldur_agent.emulator.shapes.offerings import OFFERING

offerings = flask.Blueprint("offerings", __name__, url_prefix="/api/marketplace-provider-offerings")

_STATES = ("Draft", "Active", "Paused", "Archived", "Unavailable")
_SORT: SortKeys[Offering] = {"created": lambda offering: offering.created, "name": lambda offering: offering.name}


@offerings.get("/")
def list_offerings() -> flask.Response:
    """The offerings that the caller provides."""
    call = current_call()
    filters: Filters[Offering] = call.filters()
    filters.uuid("customer_uuid", lambda o: o.customer.uuid)
    filters.choices("state", _STATES, lambda o: o.state)
    filters.text("type", lambda _: OFFERING_TYPE)
    filters.text("name_exact", lambda o: o.name)
    filters.contains("name", lambda o: (o.name,))
    found = filters.select(call.state.offerings.values())
    return answer_page(OFFERING, [offering for offering in found if call.access.provides(offering)], _SORT)


@offerings.get("/<hex:uuid>/")
def show_offering(uuid: str) -> flask.Response:
    """One offering."""
    return answer_one(OFFERING, _offering(uuid))


@offerings.post("/<hex:uuid>/create_offering_component/")
def create_component(uuid: str) -> flask.Response:
    """Add a component."""
    rules.create_component(current_call().state, _offering(uuid, "OFFERING.UPDATE_COMPONENTS"), body())
    return nothing(201)


@offerings.post("/<hex:uuid>/update_offering_component/")
def update_component(uuid: str) -> flask.Response:
    """Change a component. The address has the offering's UUID, the body the component's."""
    rules.update_component(current_call().state, _offering(uuid, "OFFERING.UPDATE_COMPONENTS"), body())
    return nothing()


@offerings.post("/<hex:uuid>/remove_offering_component/")
def remove_component(uuid: str) -> flask.Response:
    """Take a component away."""
    rules.remove_component(_offering(uuid, "OFFERING.UPDATE_COMPONENTS"), body())
    return nothing()


def _offering(uuid: str, permission: str = "") -> Offering:
    access = current_call().access
    offering = visible(current_call().state.offerings, uuid, "Offering", access.provides)
    if permission:
        access.require(permission, offering)
    return offering

"""``/api/marketplace-resources/``: the same resources as their customers see and change them."""

from __future__ import annotations

import flask

from waldur_agent.emulator.call import answer, answer_one, answer_page, body, current_call, visible
from waldur_agent.emulator.errors import forbidden, invalid
from waldur_agent.emulator.records import Resource
from waldur_agent.emulator.rules import orders as rules
from waldur_agent.emulator.shapes.resources import RESOURCE, team

from .agents import saw_agent
from .resources import SORT, resource_filters

consumer = flask.Blueprint("consumer", __name__, url_prefix="/api/marketplace-resources")


@consumer.get("/")
def list_resources() -> flask.Response:
    """The resources that the caller provides or uses."""
    call = current_call()
    found = resource_filters().select(call.state.resources.values())
    saw_agent("Usage reporting")
    return answer_page(RESOURCE, [resource for resource in found if _sees(resource)], SORT)


@consumer.get("/<hex:uuid>/")
def show_resource(uuid: str) -> flask.Response:
    """One resource."""
    return answer_one(RESOURCE, _resource(uuid))


@consumer.get("/<hex:uuid>/team/")
def list_team(uuid: str) -> flask.Response:
    """Everybody with a role in the resource's project."""
    call, resource = current_call(), _resource(uuid)
    return answer(team(resource, call.view))


@consumer.post("/<hex:uuid>/update_limits/")
def order_new_limits(uuid: str) -> flask.Response:
    """Place an Update order."""
    call, resource = current_call(), _customers_resource(uuid)
    limits = body().get("limits")
    if not isinstance(limits, dict) or not limits:
        raise invalid(limits="This field is required.")
    unknown = sorted(set(limits) - set(resource.offering.components))
    if unknown:
        raise invalid(limits=f"Invalid component types: {', '.join(unknown)}")
    order = rules.order_update(call.state, resource, call.user, limits)
    return answer({"order_uuid": order.uuid})


@consumer.post("/<hex:uuid>/terminate/")
def order_termination(uuid: str) -> flask.Response:
    """Place a Terminate order."""
    call = current_call()
    order = rules.order_termination(call.state, _customers_resource(uuid), call.user)
    return answer({"order_uuid": order.uuid})


def _resource(uuid: str) -> Resource:
    call = current_call()
    return visible(call.state.resources, uuid, "Resource", _sees)


def _sees(resource: Resource) -> bool:
    access = current_call().access
    shown = current_call().state.profile.providers_see_consumers_list
    return access.consumes(resource.project) or (shown and access.provides(resource.offering))


def _customers_resource(uuid: str) -> Resource:
    """A resource of a project in which the caller has a role."""
    resource = _resource(uuid)
    if not current_call().access.consumes(resource.project):
        raise forbidden()
    return resource

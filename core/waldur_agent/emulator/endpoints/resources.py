"""``/api/marketplace-provider-resources/``."""

from __future__ import annotations

from typing import Any, get_args

import flask

from waldur_agent.emulator.call import (
    SortKeys,
    answer,
    answer_one,
    answer_page,
    body,
    careless,
    current_call,
    nothing,
    status,
    visible,
)
from waldur_agent.emulator.errors import invalid, wrong_state
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.records import Resource
from waldur_agent.emulator.scenario import ResourceState
from waldur_agent.emulator.shapes.resources import RESOURCE, team

from .agents import saw_agent

resources = flask.Blueprint("resources", __name__, url_prefix="/api/marketplace-provider-resources")

SORT: SortKeys[Resource] = {
    "created": lambda resource: resource.created,
    "name": lambda resource: resource.name,
    "state": lambda resource: resource.state,
    "backend_id": lambda resource: resource.backend_id,
    "project_name": lambda resource: resource.project.name,
    "customer_name": lambda resource: resource.project.customer.name,
    "offering_name": lambda resource: resource.offering.name,
    "end_date": lambda resource: resource.end_date,
}
_RECOVERABLE = ("Erred", "Creating", "Updating", "Terminating")


def resource_filters() -> Filters[Resource]:
    """What both the provider's and the customer's list can be narrowed by."""
    filters: Filters[Resource] = current_call().filters()
    filters.uuids("offering_uuid", lambda r: r.offering.uuid)
    filters.uuid("project_uuid", lambda r: r.project.uuid)
    filters.uuid("customer_uuid", lambda r: r.project.customer.uuid)
    filters.uuid("provider_uuid", lambda r: r.offering.customer.uuid)
    filters.choices("state", get_args(ResourceState), lambda r: r.state)
    filters.text("backend_id", lambda r: r.backend_id)
    filters.text("name_exact", lambda r: r.name)
    filters.text("slug", lambda r: r.slug)
    filters.contains("name", lambda r: (r.name,))
    filters.contains("query", lambda r: (r.name, r.slug, r.backend_id, r.project.name, r.project.customer.name))
    filters.flag("paused", lambda r: r.paused)
    filters.flag("downscaled", lambda r: r.downscaled)
    filters.flag("restrict_member_access", lambda r: r.restrict_member_access)
    filters.between("created", lambda r: r.created)
    filters.between("modified", lambda r: r.modified)
    _visible_to(filters)
    return filters


def _visible_to(filters: Filters[Resource]) -> None:
    """``visible_to_username``: resources of projects in which that Waldur login has a role."""
    call = current_call()
    login = call.query.get("visible_to_username", "")
    if login:
        wanted = {
            role.scope_uuid
            for user in call.state.users.values()
            if user.username == login
            for role in call.state.roles_of(user)
        }
        filters.test(lambda r: r.project.uuid in wanted)


@resources.get("/")
def list_resources() -> flask.Response:
    """The resources that the caller provides."""
    call = current_call()
    found = resource_filters().select(call.state.resources.values())
    saw_agent("Usage reporting")
    return answer_page(RESOURCE, [resource for resource in found if call.access.provides(resource.offering)], SORT)


@resources.get("/<hex:uuid>/")
def show_resource(uuid: str) -> flask.Response:
    """One resource."""
    return answer_one(RESOURCE, _resource(uuid))


def _resource(uuid: str, permission: str = "") -> Resource:
    """A resource that the caller provides and, where a permission is named, may do that to."""
    access = current_call().access
    table = current_call().state.resources
    resource = visible(table, uuid, "Resource", lambda r: access.provides(r.offering))
    if permission:
        access.require(permission, resource.offering)
    return resource


@resources.get("/<hex:uuid>/team/")
def list_team(uuid: str) -> flask.Response:
    """Everybody with a role in the resource's project: the whole list, never in pages."""
    call, resource = current_call(), _resource(uuid)
    return answer(team(resource, call.view))


@resources.post("/<hex:uuid>/set_backend_id/")
def set_backend_id(uuid: str) -> flask.Response:
    """Tell which object of the backend serves the resource."""
    resource, content = _resource(uuid, "RESOURCE.SET_BACKEND_ID"), body()
    if not isinstance(content.get("backend_id"), str):
        raise careless(invalid(backend_id="This field is required."))
    changed = resource.backend_id != content["backend_id"]
    _change(resource, backend_id=content["backend_id"])
    return status(f"Resource backend_id {'has been' if changed else 'is not'} changed.")


@resources.post("/<hex:uuid>/set_backend_metadata/")
def set_backend_metadata(uuid: str) -> flask.Response:
    """Replace the metadata as a whole."""
    resource, content = _resource(uuid, "RESOURCE.SET_BACKEND_METADATA"), body()
    if not isinstance(content.get("backend_metadata"), dict):
        raise invalid(backend_metadata="This field is required.")
    _change(resource, backend_metadata=content["backend_metadata"])
    return status("The backend metadata is updated")


@resources.post("/<hex:uuid>/set_limits/")
def set_limits(uuid: str) -> flask.Response:
    """The provider reports changed limits; no order is involved."""
    resource, limits = _resource(uuid), body().get("limits")
    if not isinstance(limits, dict):
        raise invalid(limits="This field is required.")
    unknown = sorted(set(limits) - set(resource.offering.components))
    if unknown:
        raise invalid(limits=f"Invalid component types: {', '.join(unknown)}")
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in limits.values()):
        raise invalid(limits="A valid number is required.")
    _change(resource, limits=limits)
    return status("Resource limits have been updated.")


@resources.post("/<hex:uuid>/set_as_erred/")
def set_as_erred(uuid: str) -> flask.Response:
    """Something is wrong with the resource."""
    resource, content = _resource(uuid), body()
    told = content if current_call().state.profile.tells_resource_errors else {}
    message, traceback = (str(told.get(key, "")) for key in ("error_message", "error_traceback"))
    _change(resource, state="Erred", error_message=message, error_traceback=traceback)
    return nothing()


@resources.post("/<hex:uuid>/set_as_ok/")
def set_as_ok(uuid: str) -> flask.Response:
    """The resource works again."""
    _recover(_resource(uuid))
    return nothing()


@resources.post("/<hex:uuid>/set_state_ok/")
def set_state_ok(uuid: str) -> flask.Response:
    """The newer name of ``set_as_ok``."""
    _recover(_resource(uuid))
    return status("Resource state has been set to OK.")


def _recover(resource: Resource) -> None:
    if resource.state not in {*_RECOVERABLE, "OK"}:
        raise wrong_state(*_RECOVERABLE)
    _change(resource, state="OK", error_message="", error_traceback="")


@resources.post("/<hex:uuid>/refresh_last_sync/")
def refresh_last_sync(uuid: str) -> flask.Response:
    """The resource was compared with the backend just now."""
    _change(_resource(uuid), last_sync=current_call().state.now())
    return nothing()


@resources.post("/<hex:uuid>/submit_report/")
def submit_report(uuid: str) -> flask.Response:
    """Attach texts for the customer."""
    resource, report = _resource(uuid, "RESOURCE.SUBMIT_REPORT"), body().get("report")
    if not isinstance(report, list) or not report:
        raise invalid(report="Report object should contain at least one section.")
    if not all(isinstance(section, dict) and {"header", "body"} <= set(section) for section in report):
        raise invalid(report="Each section has a header and a body.")
    _change(resource, report=report)
    return status("Report is submitted")


@resources.post("/<hex:uuid>/set_paused/")
def set_paused(uuid: str) -> flask.Response:
    """Staff: no new jobs."""
    return _set_flag(uuid, "paused")


@resources.post("/<hex:uuid>/set_downscaled/")
def set_downscaled(uuid: str) -> flask.Response:
    """Staff: fewer jobs."""
    return _set_flag(uuid, "downscaled")


@resources.post("/<hex:uuid>/set_restrict_member_access/")
def set_restrict_member_access(uuid: str) -> flask.Response:
    """Staff: nobody may use the resource."""
    return _set_flag(uuid, "restrict_member_access")


def _set_flag(uuid: str, name: str) -> flask.Response:
    resource = _resource(uuid)
    current_call().access.require_staff()
    value = body().get(name)
    if not isinstance(value, bool):
        raise invalid(**{name: "Must be a valid boolean."})
    _change(resource, **{name: value})
    return status(f"Resource {name} has been set to {value}.")


def _change(resource: Resource, **values: Any) -> None:
    for name, value in values.items():
        setattr(resource, name, value)
    resource.modified = current_call().state.now()

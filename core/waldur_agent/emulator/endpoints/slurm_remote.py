"""``/api/marketplace-slurm-remote/``: the allocation behind a resource, which newer servers do not have."""

from __future__ import annotations

from typing import Any

import flask

from waldur_agent.emulator.call import answer, body, current_call, status, visible
from waldur_agent.emulator.errors import invalid
from waldur_agent.emulator.records import Resource
from waldur_agent.emulator.rules import allocations as rules

slurm_remote = flask.Blueprint("slurm_remote", __name__, url_prefix="/api/marketplace-slurm-remote")


@slurm_remote.post("/<hex:uuid>/set_state/")
def set_state(uuid: str) -> flask.Response:
    """Say how the allocation is."""
    wanted = str(body().get("state"))
    rules.set_state(_resource(uuid), wanted)
    return answer({"detail": f"Allocation state has been changed to {wanted}"})


@slurm_remote.post("/<hex:uuid>/set_limits/")
def set_limits(uuid: str) -> flask.Response:
    """Tell the allocation's own limits, as the whole body; the resource's stay."""
    _resource(uuid)
    body()
    return status("Limits are successfully set.")


@slurm_remote.post("/<hex:uuid>/set_backend_id/")
def set_backend_id(uuid: str) -> flask.Response:
    """Tell the account's name; the resource takes it over."""
    resource, content = _resource(uuid), body()
    resource.backend_id = str(content.get("backend_id", ""))
    return status("Allocation backend_id has been changed.")


@slurm_remote.post("/<hex:uuid>/create_association/")
def create_association(uuid: str) -> flask.Response:
    """Tell that a local user may use the account."""
    resource, username = _named(uuid)
    if username in resource.associations:
        return _told("already exists.")
    resource.associations.append(username)
    return _told("has been successfully created.", 201)


@slurm_remote.post("/<hex:uuid>/delete_association/")
def delete_association(uuid: str) -> flask.Response:
    """Tell that a local user may not use it any more."""
    resource, username = _named(uuid)
    if username not in resource.associations:
        return _told("does not exist.")
    resource.associations.remove(username)
    return _told("has been successfully deleted.")


def _resource(uuid: str) -> Resource:
    access = current_call().access
    return visible(current_call().state.resources, uuid, "Resource", lambda r: access.provides(r.offering))


def _named(uuid: str) -> tuple[Resource, str]:
    content: dict[str, Any] = body()
    if not content.get("username"):
        raise invalid(username="This field is required.")
    return _resource(uuid), str(content["username"])


def _told(what: str, status_code: int = 200) -> flask.Response:
    return answer({"detail": f"Association between the allocation and the username {what}"}, status_code)

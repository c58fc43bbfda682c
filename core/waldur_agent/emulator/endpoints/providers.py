"""``/api/marketplace-service-providers/``."""

from __future__ import annotations

import flask

from waldur_agent.emulator.call import SortKeys, answer_one, answer_page, body, current_call, nothing
from waldur_agent.emulator.errors import invalid, missing
from waldur_agent.emulator.identifiers import as_hex
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.records import Customer, Project
from waldur_agent.emulator.rules import offering_users as accounts
from waldur_agent.emulator.shapes.people import PROJECT_ROLE, PROVIDER, ProjectRole

providers = flask.Blueprint("providers", __name__, url_prefix="/api/marketplace-service-providers")

_SORT: SortKeys[ProjectRole] = {
    "created": lambda item: item.role.created,
    "username": lambda item: item.role.user.username,
    "full_name": lambda item: item.role.user.full_name,
    "email": lambda item: item.role.user.email,
    "expiration_time": lambda item: item.role.expiration_time,
    "role": lambda item: item.role.name,
}


@providers.get("/")
def list_providers() -> flask.Response:
    """All service providers: everybody may know them."""
    call = current_call()
    filters: Filters[Customer] = call.filters()
    filters.uuid("customer_uuid", lambda c: c.uuid)
    return answer_page(PROVIDER, filters.select(_all()))


@providers.get("/<hex:uuid>/")
def show_provider(uuid: str) -> flask.Response:
    """One service provider."""
    return answer_one(PROVIDER, _provider(uuid))


@providers.get("/<hex:uuid>/project_permissions/")
def list_project_permissions(uuid: str) -> flask.Response:
    """The roles that hold now in all projects with a resource of this provider."""
    call, customer = current_call(), _provider(uuid)
    call.access.require_at_provider("SERVICE_PROVIDER.LIST_PROJECT_PERMISSIONS", customer)
    filters: Filters[ProjectRole] = call.filters()
    filters.uuid("user", lambda p: p.role.user.uuid)
    filters.text("username", lambda p: p.role.user.username)
    filters.text("role_name", lambda p: p.role.name)
    filters.uuid("scope_uuid", lambda p: p.project.uuid)
    filters.uuid("customer_uuid", lambda p: p.project.customer.uuid)
    filters.between("created", lambda p: p.role.created)
    granted = [ProjectRole(role, project) for project in _projects(customer) for role in call.state.team_of(project)]
    return answer_page(PROJECT_ROLE, filters.select(granted), _SORT)


@providers.post("/<hex:uuid>/set_offerings_username/")
def set_offerings_username(uuid: str) -> flask.Response:
    """One local name in all offerings of the provider."""
    call, customer, content = current_call(), _provider(uuid), body()
    call.access.require_at_provider("OFFERING.UPDATE_USER", customer)
    try:
        user = call.state.users.get(as_hex(str(content.get("user_uuid"))))
    except ValueError:
        raise invalid(user_uuid="Must be a valid UUID.") from None
    if user is None or not content.get("username"):
        raise invalid(user_uuid="A user and a username are required.")
    for offering in [item for item in call.state.offerings.values() if item.customer is customer]:
        account = accounts.account_of(call.state, offering, user)
        accounts.set_username(call.state, account, str(content["username"]))
    return nothing(201)


def _all() -> list[Customer]:
    return [customer for customer in current_call().state.customers.values() if customer.provider_uuid]


def _provider(uuid: str) -> Customer:
    for customer in _all():
        if customer.provider_uuid == uuid:
            return customer
    raise missing("ServiceProvider")


def _projects(customer: Customer) -> list[Project]:
    state = current_call().state
    return [
        project
        for project in state.projects.values()
        if any(r.offering.customer is customer and r.state != "Terminated" for r in state.resources_of(project))
    ]

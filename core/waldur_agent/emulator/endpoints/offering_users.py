"""``/api/marketplace-offering-users/``: the local accounts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import flask

from waldur_agent.emulator.call import SortKeys, answer, answer_one, answer_page, body, current_call, nothing, visible
from waldur_agent.emulator.errors import ApiError, invalid
from waldur_agent.emulator.identifiers import as_hex
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.records import Offering, OfferingUser, User
from waldur_agent.emulator.rules import offering_users as rules
from waldur_agent.emulator.shapes.offering_users import OFFERING_USER

from .addresses import uuid_in_url

offering_users = flask.Blueprint("offering_users", __name__, url_prefix="/api/marketplace-offering-users")

RUNTIME_STATES = ("Active", *rules.PENDING)
NAME_LENGTH = 100
_SORT: SortKeys[OfferingUser] = {
    "created": lambda account: account.created,
    "modified": lambda account: account.modified,
    "username": lambda account: account.username,
}


def _filters() -> Filters[OfferingUser]:
    filters: Filters[OfferingUser] = current_call().filters()
    filters.uuids("offering_uuid", lambda a: a.offering.uuid)
    filters.uuid("user_uuid", lambda a: a.user.uuid)
    filters.uuid("provider_uuid", lambda a: a.offering.customer.uuid)
    filters.login("user_username", lambda a: a.user.username)
    filters.text("username", lambda a: a.username)
    filters.choices("state", rules.STATES, lambda a: a.state)
    filters.choices("runtime_state", RUNTIME_STATES, lambda a: a.runtime_state)
    filters.flag("is_restricted", lambda a: a.is_restricted)
    filters.flag("has_consent", lambda _: True)
    filters.contains("query", lambda a: (a.offering.name, a.username, a.user.full_name))
    filters.between("created", lambda a: a.created)
    filters.between("modified", lambda a: a.modified)
    return filters


@offering_users.get("/")
def list_accounts() -> flask.Response:
    """The local accounts that the caller sees: where the offering keeps them hidden, none, and without an error."""
    call = current_call()
    found = _filters().select(call.state.offering_users.values())
    return answer_page(OFFERING_USER, [account for account in found if call.access.sees_account(account)], _SORT)


@offering_users.post("/")
def create_account() -> flask.Response:
    """Make a local account for a user, both named by UUID or by address."""
    call, content = current_call(), body()
    offering, user = _parties(content)
    call.access.require("OFFERING.CREATE_USER", offering)
    if not offering.plugin_options.get("service_provider_can_create_offering_user"):
        raise ApiError(400, ["It is not allowed to create users for current offering."])
    if call.state.account(offering, user) is not None:
        raise invalid(non_field_errors="The fields offering, user must make a unique set.")
    account = rules.make_account(call.state, offering, user, _name(content))
    response = answer_one(OFFERING_USER, account, 201)
    response.headers["Location"] = call.view.url("marketplace-offering-users", account.uuid)
    return response


def _parties(content: dict[str, Any]) -> tuple[Offering, User]:
    state = current_call().state
    offering = state.offerings.get(_reference(content, "offering", "marketplace-provider-offerings"))
    user = state.users.get(_reference(content, "user", "users"))
    wrong = {name: found for name, found in (("user", user), ("offering", offering)) if found is None}
    if offering is None or user is None:
        text = "Invalid hyperlink - No URL match."
        raise ApiError(400, {name: [text if name in content else "This field is required."] for name in wrong})
    return offering, user


def _reference(content: dict[str, Any], name: str, collection: str) -> str:
    if f"{name}_uuid" not in content:
        return uuid_in_url(content.get(name), collection)
    try:
        return as_hex(str(content[f"{name}_uuid"]))
    except ValueError:
        raise invalid(**{f"{name}_uuid": "Must be a valid UUID."}) from None


@offering_users.get("/<hex:uuid>/")
def show_account(uuid: str) -> flask.Response:
    """One local account."""
    return answer_one(OFFERING_USER, _account(uuid))


@offering_users.patch("/<hex:uuid>/")
def change_account(uuid: str) -> flask.Response:
    """Name the account."""
    account, content = _account(uuid, "OFFERING.UPDATE_USER"), body()
    if "username" in content:
        rules.set_username(current_call().state, account, _name(content))
    return answer_one(OFFERING_USER, account)


@offering_users.delete("/<hex:uuid>/")
def delete_account(uuid: str) -> flask.Response:
    """Forget the account."""
    current_call().state.drop_offering_user(_account(uuid, "OFFERING.DELETE_USER"))
    return nothing(204)


@offering_users.post("/<hex:uuid>/update_restricted/")
def restrict_account(uuid: str) -> flask.Response:
    """Say whether the person may use anything of the offering."""
    account, content = _account(uuid, "OFFERINGUSER.UPDATE_RESTRICTION"), body()
    if not isinstance(content.get("is_restricted"), bool):
        raise invalid(is_restricted="This field is required.")
    account.is_restricted = content["is_restricted"]
    account.modified = current_call().state.now()
    return nothing()


@offering_users.post("/<hex:uuid>/update_runtime_state/")
def change_runtime_state(uuid: str) -> flask.Response:
    """Say how the account works at the moment."""
    account, wanted = _account(uuid, "OFFERING.UPDATE_USER"), body().get("runtime_state")
    if wanted not in RUNTIME_STATES:
        raise invalid(runtime_state=f'"{wanted}" is not a valid choice.')
    account.runtime_state = wanted
    return nothing()


@offering_users.patch("/<hex:uuid>/update_comments/")
def change_comments(uuid: str) -> flask.Response:
    """Change what the person is told."""
    account, content = _account(uuid, "OFFERING.UPDATE_USER"), body()
    account.comment = _text(content, "service_provider_comment", account.comment)
    account.comment_url = _address(content, "service_provider_comment_url", account.comment_url)
    return answer({"service_provider_comment": account.comment, "service_provider_comment_url": account.comment_url})


@offering_users.post(f"/<hex:uuid>/<any({','.join(rules.STEPS)}):action>/")
def take_step(uuid: str, action: str) -> flask.Response:
    """A step of the account's life."""
    account, content = _account(uuid, "OFFERING.UPDATE_USER"), body()
    comment, url = _text(content, "comment"), _address(content, "comment_url")
    rules.take_step(current_call().state, account, action, comment=comment, url=url)
    return nothing()


def _account(uuid: str, permission: str = "") -> OfferingUser:
    access = current_call().access
    account = visible(current_call().state.offering_users, uuid, "OfferingUser", access.sees_account)
    if permission:
        access.require(permission, account.offering)
    return account


def _name(content: dict[str, Any]) -> str:
    name = content.get("username") or ""
    if not isinstance(name, str):
        raise invalid(username="Not a valid string.")
    if len(name) > NAME_LENGTH:
        raise invalid(username=f"Ensure this field has no more than {NAME_LENGTH} characters.")
    return name


def _text(content: dict[str, Any], name: str, default: str = "") -> str:
    value = content.get(name, default)
    if value is None:
        raise invalid(**{name: "This field may not be null."})
    return str(value)


def _address(content: dict[str, Any], name: str, default: str = "") -> str:
    value = _text(content, name, default)
    if value and not (urlsplit(value).scheme and urlsplit(value).netloc):
        raise invalid(**{name: "Enter a valid URL."})
    return value

"""From a message to hints. It says only which object to look at: what is true is read from Waldur."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from waldur_agent.modes.focus import Hint, Kind
from waldur_agent.waldur import hex_uuid

ORDER_TYPES = ("order",)
MEMBER_TYPES = ("user_role", "resource", "offering_user")
SYNC_TYPE = "offering_resources_sync"

_NOT_OURS = frozenset(
    {"done", "erred", "canceled", "rejected", "pending-consumer", "pending-project", "pending-start-date"}
)
"""States of orders in which there is nothing to do; the first two are mostly echoes of the agent's own words."""


class Unusable(Exception):  # noqa: N818 - what the message is
    """Nothing can be made of a message; the text says why."""


class Unserved(Unusable):
    """It is about something that this agent does not serve: no fault of anybody's."""


def hints_of(body: bytes, source_type: str, offering_uuid: str) -> set[Hint]:
    """What a message hints at; nothing where it is of another offering, or there is nothing to do.

    Args:
        body: As it came.
        source_type: The type of objects that the queue or topic is for; empty where messages tell it themselves.
        offering_uuid: Of the offering that is served.

    Raises:
        Unserved: the type is unknown.
        Unusable: no JSON object, or what names the object is missing.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"is no JSON: {error}") from error
    if not isinstance(payload, dict):
        raise Unusable(f"is no object but {type(payload).__name__}")
    kind = payload.get("object_type") or source_type
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise Unserved(f"is about objects of the type {kind!r}, which is not served")
    told = hex_uuid(payload.get("offering_uuid"))
    if told and told != offering_uuid:
        return set()
    return read(payload)


def _order(payload: Mapping[str, Any]) -> set[Hint]:
    uuid = _uuid(payload, "order_uuid")
    state = payload.get("order_state")
    if isinstance(state, str) and state.strip().lower().replace("_", "-") in _NOT_OURS:
        return set()
    return {Hint(Kind.ORDER, uuid)}


def _user_role(payload: Mapping[str, Any]) -> set[Hint]:
    """One person's role, or without a person a whole project. A revoked role too says only where to look."""
    if resource := hex_uuid(payload.get("resource_uuid")):
        place = Hint(Kind.RESOURCE, resource)
    else:
        place = Hint(Kind.PROJECT, _uuid(payload, "project_uuid"))
    person = hex_uuid(payload.get("user_uuid"))
    if person and payload.get("granted") is True:
        return {place, Hint.newcomer(person, place)}
    return {place}


def _resource(payload: Mapping[str, Any]) -> set[Hint]:
    return {Hint(Kind.RESOURCE, _uuid(payload, "resource_uuid"))}


def _offering_user(payload: Mapping[str, Any]) -> set[Hint]:
    if payload.get("action") == "attribute_update":
        return set()
    return {Hint(Kind.PERSON, _uuid(payload, "user_uuid"))}


def _everything(_: Mapping[str, Any]) -> set[Hint]:
    return {Hint(Kind.ALL_ORDERS), Hint(Kind.ALL_MEMBERS)}


_READERS: Mapping[str, Callable[[Mapping[str, Any]], set[Hint]]] = {
    "order": _order,
    "user_role": _user_role,
    "resource": _resource,
    "offering_user": _offering_user,
    SYNC_TYPE: _everything,
}


def _uuid(payload: Mapping[str, Any], key: str) -> str:
    uuid = hex_uuid(payload.get(key))
    if not uuid:
        raise Unusable(f"has no usable {key}; its keys are {', '.join(sorted(map(str, payload)))[:200]}")
    return uuid

"""One request, as the endpoints see it, and the answers that they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import flask

from .access import Access
from .errors import ApiError, detail, missing
from .pages import cut_page
from .query import Filters, Query, ordered
from .records import User
from .shapes.shape import Shape, View
from .state import State

Record = TypeVar("Record")
SortKeys = dict[str, Callable[[Record], Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what."""

    state: State
    user: User
    access: Access
    view: View
    query: Query
    user_agent: str

    def filters(self) -> Filters[Any]:
        """What the query narrows a list by, as a server of this time understands it."""
        profile = self.state.profile
        unknown = profile.unknown_parameters.get(str(flask.request.endpoint), ())
        return Filters(self.query, unknown, any_of_uuids=profile.any_of_uuids)

    @property
    def fields(self) -> list[str]:
        """The names of ``field=``; none means all."""
        if flask.request.endpoint in self.state.profile.whole_objects:
            return []
        return self.query.getlist("field")


def current_call() -> Call:
    """The request that is being answered."""
    return cast(Call, flask.g.call)


def visible(table: dict[str, Record], uuid: str, model: str, test: Callable[[Record], bool]) -> Record:
    """The object with that UUID.

    Raises:
        ApiError: 404 where there is none, or the caller may not see it.
    """
    record = table.get(uuid)
    if record is None or not test(record):
        raise missing(model)
    return record


def body() -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty object.

    Raises:
        ApiError: 400 where it is no JSON object, 415 where it says that it is something else.
    """
    request = flask.request
    if not request.get_data():
        return {}
    if not request.is_json:
        raise detail(415, f'Unsupported media type "{request.mimetype}" in request.')
    try:
        content = flask.json.loads(request.get_data())
    except ValueError as error:
        raise detail(400, f"JSON parse error - {error}") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        text = f"Invalid data. Expected a dictionary, but got {kind}."
        raise ApiError(400, {"non_field_errors": [text]})
    return content


def answer_one(shape: Shape[Record], record: Record, status: int = 200) -> flask.Response:
    """One object, whole or sparse."""
    call = current_call()
    return answer(shape.render(record, call.view, call.fields), status)


def answer_page(shape: Shape[Record], records: list[Record], keys: SortKeys[Record] | None = None) -> flask.Response:
    """The page of a list that the query asks for; only its own objects are turned into JSON."""
    call = current_call()
    records = ordered(records, call.query, keys or {})
    page = cut_page(records, call.query, flask.request.base_url, call.state.profile.largest_page)
    rendered = [shape.render(record, call.view, call.fields) for record in page.records]
    return answer(rendered, headers=page.headers)


def answer(
    content: dict[str, Any] | Sequence[Any], status: int = 200, headers: dict[str, str] | None = None
) -> flask.Response:
    """JSON."""
    response = flask.jsonify(content)
    response.status_code = status
    response.headers.update(headers or {})
    return response


def careless(refusal: ApiError) -> ApiError:
    """What comes of a body that lacks something: a refusal, or 500 on a server that does not check it."""
    return refusal if current_call().state.profile.checks_bodies else ApiError(500, None)


def status(text: str) -> flask.Response:
    """``{"status": text}``: how Waldur says that a direct write was done."""
    return answer({"status": text})


def nothing(status: int = 200) -> flask.Response:
    """An answer without a body, as the state actions give."""
    response = flask.Response(status=status)
    del response.headers["Content-Type"]
    return response

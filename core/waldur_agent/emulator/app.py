"""The Flask application: who asks, which endpoint answers, and how refusals look."""

from __future__ import annotations

import functools
from typing import Final

import flask
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter

from .access import Access
from .call import Call, answer
from .endpoints import BLUEPRINTS
from .errors import ApiError, detail
from .identifiers import as_hex
from .records import User
from .shapes.shape import View
from .state import State

STATE: Final = "waldur_agent.emulator.state"
"""The key under which a request's WSGI environment holds the state."""

PAGE: Final = """
<!doctype html>
<html lang="en">
<head>
  <title>{title}</title>
</head>
<body>
  <h1>{title}</h1><p>{text}</p>
</body>
</html>
"""


class HexConverter(BaseConverter):
    """A UUID with or without dashes; the endpoints get Waldur's form."""

    regex = "[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> str:
        """32 lower-case hex characters."""
        return as_hex(value)


@functools.cache
def application() -> flask.Flask:
    """The application of all servers: making one costs more than a small test.

    Each request brings its server's :class:`~.state.State` along, in ``environ[STATE]``; the caller holds the
    state's lock.
    """
    app = flask.Flask("waldur_agent.emulator", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined] # an option of the default provider
    app.url_map.converters["hex"] = HexConverter
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(_authenticate)
    app.after_request(_redirect_as_django_does)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(NotFound, _no_such_path)
    app.register_error_handler(MethodNotAllowed, _no_such_method)
    app.register_error_handler(InternalServerError, _broken)
    return app


def _authenticate() -> None:
    request = flask.request
    state: State = request.environ[STATE]
    if isinstance(request.routing_exception, NotFound):
        return  # a path that does not exist is 404 for everybody
    if state.profile.lacks & {request.endpoint, request.blueprint}:
        raise NotFound
    user = _user(state, request.headers.get("Authorization", ""))
    view = View(state, request.host_url.rstrip("/"))
    agent = request.headers.get("User-Agent", "")
    flask.g.call = Call(state, user, Access(state, user), view, request.args, agent)
    if request.endpoint in state.profile.staff_only:
        flask.g.call.access.require_staff()


def _user(state: State, header: str) -> User:
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() not in {"token", "bearer"}:
        raise detail(401, "Authentication credentials were not provided.")
    user = state.user_with_token(token.strip())
    if user is None:
        raise detail(401, "Invalid token.")
    if not user.active:
        raise detail(401, "User inactive or deleted.")
    if user.token_expires is not None and user.token_expires <= state.now():
        raise detail(401, "Token has expired.")
    return user


def _refuse(error: ApiError) -> flask.Response:
    if error.status >= 500:
        return _broken_page()
    response = answer(error.body, error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Token"
    return response


def _no_such_path(_error: NotFound) -> flask.Response:
    text = "The requested resource was not found on this server."
    return flask.Response(PAGE.format(title="Not Found", text=text), 404)


def _no_such_method(error: MethodNotAllowed) -> flask.Response:
    response = answer({"detail": f'Method "{flask.request.method}" not allowed.'}, 405)
    response.headers["Allow"] = ", ".join(error.valid_methods or ())
    return response


def _broken(_error: HTTPException) -> flask.Response:
    """A fault of the emulator itself; Flask has logged the traceback."""
    return _broken_page()


def _broken_page() -> flask.Response:
    return flask.Response(PAGE.format(title="Server Error (500)", text=""), 500)


def _redirect_as_django_does(response: flask.Response) -> flask.Response:
    """A path without its last slash: 301 and no host, after which clients repeat a POST as a GET without body."""
    if response.status_code == 308:
        query = flask.request.query_string.decode()
        location = f"{flask.request.path}/" + (f"?{query}" if query else "")
        response = flask.Response(status=301, headers={"Location": location})
    return response

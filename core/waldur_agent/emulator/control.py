"""``/_emulator/``: what another process may look at and change while the emulator runs. No token is asked for.

=========================== =================================================================
``GET    requests``         the request log
``DELETE requests``         forget it
``GET    faults``           the faults in force, with how often each was met
``POST   faults``           add a fault: the fields of :class:`~.faults.Fault` as a JSON object
``PUT    faults``           a JSON array of faults takes the place of all others
``DELETE faults``           nothing goes wrong any more
``POST   seed``             ``{"seed": 7}``: what chance does from now on
``POST   clock``            ``{"shift_seconds": 86400}``: how far the server's time is ahead
``GET    summary``          numbers of orders and resources by state
``GET    events``           the messages sent to the broker
``DELETE events``           forget them
``POST   events``           ``{"object_type": …, "payload": …}``: send one by hand to whoever gets such events;
                            a payload that is a text goes as it is; ``offering`` (a name) and ``count`` may be given
``PUT    event-faults``     what happens to messages on the way: the fields of :class:`~.publisher.EventFaults`
=========================== =================================================================
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeVar

import flask
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from .errors import ApiError, detail
from .events.feed import EventFeed
from .events.publisher import EventFaults
from .faults import Fault, FaultPlan
from .gateway import CONTROL
from .request_log import RequestLog
from .state import State

Wanted = TypeVar("Wanted")


class HandMade(BaseModel):
    """A message that is sent by hand."""

    model_config = ConfigDict(extra="forbid")

    object_type: str
    payload: dict[str, Any] | str
    offering: str = ""
    count: int = Field(default=1, ge=1)


class Control:
    """The endpoints, each a method."""

    def __init__(self, state: State, faults: FaultPlan, log: RequestLog, events: EventFeed | None = None) -> None:
        self._state = state
        self._faults = faults
        self._log = log
        self._feed = events

    def app(self) -> flask.Flask:
        """The application that serves them."""
        app = flask.Flask("waldur_agent.emulator.control", static_folder=None)
        routes = (
            ("requests", "GET", self._log.as_json),
            ("requests", "DELETE", self._log.clear),
            ("faults", "GET", self._faults.report),
            ("faults", "POST", self._add_fault),
            ("faults", "PUT", self._replace_faults),
            ("faults", "DELETE", self._faults.clear),
            ("seed", "POST", lambda: self._faults.reseed(int(_number("seed")))),
            ("clock", "POST", self._shift_clock),
            ("summary", "GET", self._summary),
            ("events", "GET", self._list_events),
            ("events", "DELETE", self._forget_events),
            ("events", "POST", self._publish),
            ("event-faults", "PUT", self._spoil_events),
        )
        for path, method, view in routes:
            app.add_url_rule(f"{CONTROL}{path}", f"{method} {path}", _as_answer(view), methods=[method])
        app.register_error_handler(ApiError, lambda error: (flask.jsonify(error.body), error.status))
        return app

    def _add_fault(self) -> None:
        self._faults.add(_validated([flask.request.get_json(silent=True)])[0])

    def _replace_faults(self) -> None:
        self._faults.replace(_validated(flask.request.get_json(silent=True)))

    def _shift_clock(self) -> None:
        with self._state.lock:
            self._state.clock_shift = timedelta(seconds=_number("shift_seconds"))

    def _summary(self) -> dict[str, Any]:
        with self._state.lock:
            return {
                "orders": Counter(order.state for order in self._state.orders.values()),
                "resources": Counter(resource.state for resource in self._state.resources.values()),
            }

    def _events(self) -> EventFeed:
        if self._feed is None:
            raise detail(409, "There is no broker: start the emulator with --broker.")
        return self._feed

    def _list_events(self) -> list[dict[str, Any]]:
        return [asdict(delivery) for delivery in self._events().log]

    def _forget_events(self) -> None:
        self._events().log.clear()

    def _publish(self) -> dict[str, int]:
        message = _checked(HandMade, flask.request.get_json(silent=True))
        with self._state.lock:
            try:
                offering = self._state.offering(message.offering)
            except KeyError:
                raise detail(400, f"There is no offering {message.offering!r}.") from None
        return {"destinations": self._events().publish(offering, message.object_type, message.payload, message.count)}

    def _spoil_events(self) -> None:
        self._events().faults = _checked(EventFaults, flask.request.get_json(silent=True))


def _as_answer(view: Any) -> Any:
    def answer() -> flask.Response:
        content = view()
        return flask.Response(status=204) if content is None else flask.jsonify(content)

    return answer


def _validated(content: object) -> list[Fault]:
    return _checked(list[Fault], content)


def _checked(kind: type[Wanted], content: object) -> Wanted:
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise detail(400, "; ".join(problems)) from error


def _number(name: str) -> float:
    content = flask.request.get_json(silent=True)
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise detail(400, f'expected {{"{name}": a number}}')
    return value

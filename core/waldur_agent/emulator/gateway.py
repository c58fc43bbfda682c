"""Between the socket and the application: faults, the state's lock and the request log."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from werkzeug.test import run_wsgi_app

from .app import PAGE, STATE
from .faults import ON_LISTS, Fault, FaultPlan, Kind
from .request_log import Request, RequestLog
from .state import State

CONTROL: Final = "/_emulator/"
_BEFORE: Final = (Kind.STATUS, Kind.DROP_BEFORE)

Environ = dict[str, Any]
Application = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes to the socket. ``sent`` is the number of bytes of ``body`` after which the connection closes."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    sent: int | None = None


class Gateway:
    """Answers WSGI requests, one at a time as far as the state is concerned.

    Args:
        app: The emulated Waldur, which finds the state in the request's environment.
        state: Its lock is held while ``app`` answers; neither while a fault waits nor while bytes are sent.
        control: What answers below ``/_emulator/``: no fault hits it and no log holds it.
        stop: Set when the server ends, so that no latency holds it up.
    """

    def __init__(
        self,
        app: Application,
        control: Application,
        *,
        state: State,
        faults: FaultPlan,
        log: RequestLog,
        stop: threading.Event,
    ) -> None:
        self._app = app
        self._control = control
        self._state = state
        self._faults = faults
        self._log = log
        self._stop = stop

    def answer(self, environ: Environ) -> Reply | None:
        """The answer, or None where the connection is to close without one."""
        if environ["PATH_INFO"].startswith(CONTROL):
            return _run(self._control, environ)
        fault = self._prepare(environ)
        handled = fault is None or fault.kind not in _BEFORE
        reply = self._handle(environ, fault) if handled else None
        if fault is not None:
            reply = _spoil(reply, fault)
        self._remember(environ, reply, fault, handled=handled)
        return reply

    def _prepare(self, environ: Environ) -> Fault | None:
        """Wait as long as latency asks for; give the other fault that hits this request."""
        hits = self._faults.draw(environ["REQUEST_METHOD"], environ["PATH_INFO"], _page(environ))
        for hit in hits:
            if hit.kind is Kind.LATENCY:
                self._stop.wait(hit.seconds)
        return next((hit for hit in hits if hit.kind is not Kind.LATENCY), None)

    def _handle(self, environ: Environ, fault: Fault | None) -> Reply:
        environ[STATE] = self._state
        reads = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        with self._state.lock.reading() if reads else self._state.lock:
            reply = _run(self._app, environ)
            if fault is not None and fault.kind is Kind.DUPLICATE_PAGE and reply.status == 200:
                reply = _with_body(reply, _run(self._app, _previous_page(environ)).body)
        self._state.at_broker.settle()
        return reply

    def _remember(self, environ: Environ, reply: Reply | None, fault: Fault | None, *, handled: bool) -> None:
        self._log.add(
            Request(
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"],
                query=environ["QUERY_STRING"],
                user_agent=environ.get("HTTP_USER_AGENT", ""),
                status=reply.status if reply else None,
                handled=handled,
                fault=fault.kind if fault else "",
            )
        )


def _run(app: Application, environ: Environ) -> Reply:
    chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Reply(int(status.split()[0]), list(headers), b"".join(chunks))


def _spoil(reply: Reply | None, fault: Fault) -> Reply | None:
    if fault.kind in {Kind.DROP_BEFORE, Kind.DROP_AFTER}:
        return None
    if fault.kind in {Kind.STATUS, Kind.STATUS_AFTER} or reply is None:
        return _canned(fault)
    if fault.kind is Kind.TRUNCATE:
        return replace(reply, sent=len(reply.body) // 2)
    if fault.kind in ON_LISTS and fault.kind is not Kind.DUPLICATE_PAGE:
        return _shortened(reply, fault)
    return reply


def _canned(fault: Fault) -> Reply:
    """The answer of a server in trouble: HTML, as a proxy in front of Waldur gives it, unless told otherwise."""
    title = f"Server Error ({fault.status})"
    content = PAGE.format(title=title, text="") if fault.body is None and fault.status >= 500 else fault.body
    if isinstance(content, str):
        body, kind = content.encode(), "text/html; charset=utf-8"
    else:
        # An empty list is something to say, too.
        said = {"detail": f"Fault {fault.status}."} if content is None else content
        body, kind = json.dumps(said).encode(), "application/json"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    if fault.retry_after is not None:
        headers.append(("Retry-After", str(fault.retry_after)))
    return Reply(fault.status, headers, body)


def _shortened(reply: Reply, fault: Fault) -> Reply:
    """A page with fewer items than its headers tell; what is no list stays as it is."""
    if "X-Result-Count" not in dict(reply.headers):
        return reply
    items = json.loads(reply.body)
    kept = items[: len(items) // 2] if fault.kind is Kind.SHORT_PAGE else []
    return _with_body(reply, json.dumps(kept).encode())


def _with_body(reply: Reply, body: bytes) -> Reply:
    headers = [(name, value) for name, value in reply.headers if name.lower() != "content-length"]
    return replace(reply, headers=[*headers, ("Content-Length", str(len(body)))], body=body)


def _page(environ: Environ) -> int:
    text = dict(parse_qsl(environ["QUERY_STRING"])).get("page", "1")
    return int(text) if text.isdecimal() else 1


def _previous_page(environ: Environ) -> Environ:
    items = [(key, value) for key, value in parse_qsl(environ["QUERY_STRING"]) if key != "page"]
    return {**environ, "QUERY_STRING": urlencode([*items, ("page", str(_page(environ) - 1))])}

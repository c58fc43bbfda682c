"""The socket's side: a threaded HTTP/1.1 server whose connections stay open between requests."""

from __future__ import annotations

import contextlib
import io
import socket
import sys
import threading
from http.client import responses
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .gateway import Gateway, Reply


class Listener(ThreadedWSGIServer):
    """Accepts connections on a socket that listens already, and can close all of them."""

    # Ending waits for the threads: none may touch the state after `close` returned.
    daemon_threads = False
    block_on_close = True

    def __init__(self, listening: socket.socket, gateway: Gateway) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(host, port, _no_application, ConnectionHandler, fd=listening.fileno())
        self.gateway = gateway
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        """Keep track of a connection."""
        with self._open_lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """A connection ended by itself."""
        with self._open_lock:
            self._open.discard(connection)

    def close(self) -> None:
        """Hang up on everybody and wait for the threads."""
        with self._open_lock:
            for connection in self._open:
                hang_up(connection)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is nothing to write a traceback about; a fault of the emulator is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class ConnectionHandler(WSGIRequestHandler):
    """One connection.

    Werkzeug's own way of answering ends every connection after one request, because it does not know how much
    of the request the application has read. Here the whole request is read first, so the connection can stay.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        """Keep track of the connection."""
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.closed(self.connection)
        with contextlib.suppress(OSError):  # the caller may be gone already
            super().finish()

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._read_body(environ))
        reply = self.server.gateway.answer(environ)
        if reply is None:
            self._end()
        else:
            self._send(reply)

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            chunks: bytes = environ["wsgi.input"].read()
            return chunks
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))

    def _send(self, reply: Reply) -> None:
        phrase = responses.get(reply.status, "Unknown")
        lines = [f"{self.protocol_version} {reply.status} {phrase}", *(f"{n}: {v}" for n, v in reply.headers)]
        if reply.status != 204 and not any(name.lower() == "content-length" for name, _ in reply.headers):
            lines.append(f"Content-Length: {len(reply.body)}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        # Head and body in one piece: two would wait for each other's acknowledgement.
        self.wfile.write(head if self.command == "HEAD" else head + reply.body[: reply.sent])
        if reply.sent is not None:
            self._end()

    def _end(self) -> None:
        self.close_connection = True
        hang_up(self.connection)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The request log says it all."""


def hang_up(connection: socket.socket) -> None:
    """End a connection at once, in both directions."""
    with contextlib.suppress(OSError):  # ended already
        connection.shutdown(socket.SHUT_RDWR)


def _no_application(_environ: Any, _start_response: Any) -> Any:
    raise AssertionError("requests go through the gateway")

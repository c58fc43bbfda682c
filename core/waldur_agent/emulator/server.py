"""The emulator, running in threads of this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from .app import application
from .connection import Listener
from .control import Control
from .events.feed import Broker, EventFeed
from .faults import Fault, FaultPlan
from .gateway import Gateway
from .profile import TODAY, Profile
from .request_log import RequestLog
from .scenario import Scenario, demo_scenario
from .seeding import seed as seed_state
from .state import State


class EmulatorServer:
    """A Waldur on a port of this machine, from ``start`` (or ``with``) until ``stop``.

    Args:
        world: A scenario, or a state that exists already; without one the demonstration.
        faults: What goes wrong from the start; ``server.faults`` changes it later.
        seed: What chance does.
        host: The address to listen on.
        port: 0 takes a free one.
        profile: Which Waldur is emulated, where ``world`` is a scenario.
        echo: Called with one line for each request.
        broker: Where events go; without one the endpoints about events answer all the same, and nothing is sent.

    Attributes:
        state: Everything that the server holds; take ``state.lock`` while requests may be under way.
        requests: The request log.
        faults: The faults in force.
        events: The events sent, where there is a broker.

    Raises:
        ScenarioError: the scenario refers to something that is not there.
        OSError: (from ``start``) the port cannot be had.
        BrokerError: (from ``start``) the broker is not there or does not let us in.
    """

    def __init__(
        self,
        world: Scenario | State | None = None,
        *,
        faults: Iterable[Fault] = (),
        seed: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        profile: Profile = TODAY,
        echo: Callable[[str], None] | None = None,
        broker: Broker | None = None,
    ) -> None:
        self.state = world if isinstance(world, State) else seed_state(world or demo_scenario(), profile)
        self.faults = FaultPlan(faults, seed)
        self.requests = RequestLog(echo)
        self.events = EventFeed(self.state, broker) if broker else None
        self._host = host
        self._port = port
        self._stop = threading.Event()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen; requests are answered from now on."""
        with socket.create_server((self._host, self._port), backlog=128) as listening:
            if self.events is not None:
                self.events.start()
            self._port = listening.getsockname()[1]
            self._listener = Listener(listening, self._gateway())
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, name="emulator", daemon=True
        )
        self._thread.start()
        return self

    def _gateway(self) -> Gateway:
        return Gateway(
            application(),
            Control(self.state, self.faults, self.requests, self.events).app(),
            state=self.state,
            faults=self.faults,
            log=self.requests,
            stop=self._stop,
        )

    def stop(self) -> None:
        """Close the port and every connection, and wait for the threads. May be called twice."""
        listener, self._listener = self._listener, None
        if listener is None or self._thread is None:
            return
        self._stop.set()
        listener.shutdown()
        listener.close()
        self._thread.join()
        if self.events is not None:
            self.events.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def root(self) -> str:
        """``http://127.0.0.1:40123``: what generated clients want."""
        return f"http://{self._host}:{self._port}"

    @property
    def url(self) -> str:
        """``http://127.0.0.1:40123/api/``: what ``waldur_api_url`` of an agent's configuration wants."""
        return f"{self.root}/api/"

    @property
    def token(self) -> str:
        """The token of the agent's user."""
        if self.state.agent is None:
            raise LookupError("this state has no agent: set state.agent to one of its users")
        return self.state.agent.token

    def token_of(self, username: str) -> str:
        """The token of any user."""
        return self.state.user(username).token

"""What systemd wants to hear of a service: ready, busy with what, alive, stopping. See sd_notify(3).

Nothing is said where the agent was not started by a service manager that listens.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

_SEND_SECONDS = 1.0
"""A service manager that does not read must not hold the agent up."""


@dataclass(slots=True)
class ServiceManager:
    """Speaks to the socket that the environment names.

    Attributes:
        environ: ``NOTIFY_SOCKET`` is the socket, ``WATCHDOG_USEC`` the longest silence in microseconds.
    """

    environ: Mapping[str, str] = field(default_factory=dict)
    _spoken: float = 0.0

    @property
    def watchdog_seconds(self) -> float | None:
        """How long the agent may be silent before it is taken for hung; None where nobody watches this process."""
        microseconds = self.environ.get("WATCHDOG_USEC", "")
        # The variables are inherited: they are meant for the process that they name.
        mine = self.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return int(microseconds) / 1e6 if mine and microseconds.isdecimal() and int(microseconds) else None

    def ready(self, status: str) -> None:
        """The start has succeeded: units that come after this one may start."""
        self._say("READY=1", f"STATUS={status}")

    def status(self, text: str) -> None:
        """What ``systemctl status`` shows."""
        self._say(f"STATUS={text}")

    def alive(self) -> None:
        """Something was achieved just now. To be called then and only then: not by a timer of its own."""
        watched = self.watchdog_seconds
        now = time.monotonic()
        if watched is not None and now - self._spoken > watched / 10:
            self._spoken = now
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The end was asked for and is under way."""
        self._say("STOPPING=1", "STATUS=stopping")

    def _say(self, *lines: str) -> None:
        name = self.environ.get("NOTIFY_SOCKET", "")
        # "@" is an abstract socket; other kinds of address are those of virtual machines.
        if not name.startswith(("/", "@")):
            return
        address = f"\0{name[1:]}" if name.startswith("@") else name
        message = "\n".join(" ".join(line.split()) for line in lines)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(_SEND_SECONDS)
                channel.sendto(message.encode(), address)
        except OSError as error:
            log.debug("The service manager was not told %r: %s", message, error)

"""Ports that stay ours while a node is down, so that it comes back where its clients look for it."""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass
from pathlib import Path

from services.slurm_up.processes import listening

_BLOCK = 10
_LOWEST = 15000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one node, in a row after ``claim``, on which nothing ever listens but we."""

    claim: socket.socket

    @classmethod
    def take(cls) -> Ports:
        """A block below the ports that the kernel gives to outgoing connections, claimed until :meth:`release`."""
        highest = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32768
        blocks = list(range(_LOWEST, highest - _BLOCK, _BLOCK))
        random.shuffle(blocks)
        for base in blocks:
            claim = socket.socket()
            try:
                claim.bind(("127.0.0.1", base))
            except OSError:
                claim.close()
                continue
            claim.listen()  # a port that is only bound could be bound a second time
            if not any(listening(port) for port in range(base + 1, base + _BLOCK)):
                return cls(claim)
            claim.close()
        raise OSError("no ten free ports in a row")

    def release(self) -> None:
        """Somebody else may have them."""
        self.claim.close()

    def _number(self, offset: int) -> int:
        return int(self.claim.getsockname()[1]) + offset

    @property
    def amqp(self) -> int:
        """AMQP 0-9-1."""
        return self._number(1)

    @property
    def management(self) -> int:
        """The management HTTP API."""
        return self._number(2)

    @property
    def stomp_ws(self) -> int:
        """STOMP over WebSocket."""
        return self._number(3)

    @property
    def mqtt_ws(self) -> int:
        """MQTT over WebSocket."""
        return self._number(4)

    @property
    def stomp(self) -> int:
        """STOMP over plain TCP."""
        return self._number(5)

    @property
    def mqtt(self) -> int:
        """MQTT over plain TCP."""
        return self._number(6)

    @property
    def distribution(self) -> int:
        """Where Erlang nodes would talk to each other."""
        return self._number(7)

    @property
    def epmd(self) -> int:
        """Erlang's port mapper: the machine's own is neither used nor started."""
        return self._number(8)

"""One RabbitMQ node in one directory: made once; started, stopped, killed and started again with the same data."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Final

from services.install import PACKAGES
from services.slurm_up.processes import Daemon, listening
from services.slurm_up.programs import search_path

from .ports import Ports

STOMP_PATH: Final = "/rmqws-stomp"
MQTT_PATH: Final = "/rmqws"
ADMIN: Final = "admin"

_PLUGINS = ("rabbitmq_management", "rabbitmq_web_stomp", "rabbitmq_web_mqtt")
_BEHIND_DEBIANS_WRAPPER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The one in PATH changes to the user ``rabbitmq`` and to the machine's own data."""

# WebSockets have the paths under which a Waldur's proxy shows them: an agent needs to be told the ports alone.
# Statistics are quick, as tests look at them; a connection that stays half-open is noticed by its heart-beats.
_CONFIGURATION = """
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = {stomp_ws}
web_stomp.ws_path = {stomp_path}
web_mqtt.tcp.ip = 127.0.0.1
web_mqtt.tcp.port = {mqtt_ws}
web_mqtt.ws_path = {mqtt_path}
stomp.listeners.tcp.1 = 127.0.0.1:{stomp}
mqtt.listeners.tcp.1 = 127.0.0.1:{mqtt}
default_user = {admin}
default_pass = {password}
loopback_users = none
collect_statistics_interval = 200
management.rates_mode = none
log.console.level = info
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
"""


class Node:
    """A node whose files are all in a directory; :meth:`close` gives its ports back.

    Attributes:
        ports: Where it listens, running or not.
        password: Of the administrator ``admin``.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.ports = Ports.take()
        self.password = secrets.token_hex(8)
        for name in ("run", "log", "home", "data"):
            (self.directory / name).mkdir(parents=True)
        self._write_configuration()
        environment = self._environment()
        self._epmd = Daemon("epmd", self.directory, environment)
        self._server = Daemon("rabbitmq", self.directory, environment)

    def _write_configuration(self) -> None:
        numbers = {
            name: getattr(self.ports, name) for name in ("amqp", "management", "stomp_ws", "mqtt_ws", "stomp", "mqtt")
        }
        text = _CONFIGURATION.format(
            stomp_path=STOMP_PATH, mqtt_path=MQTT_PATH, admin=ADMIN, password=self.password, **numbers
        )
        (self.directory / "rabbitmq.conf").write_text(text)
        (self.directory / "enabled_plugins").write_text(f"[{','.join(_PLUGINS)}].\n")

    def _environment(self) -> dict[str, str]:
        """Where the node's things are; every default would be a path of the machine's own."""
        place = self.directory
        return {
            "HOME": str(place / "home"),  # Erlang's cookie
            "PATH": search_path(),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"test-{self.ports.amqp}@localhost",
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(place / "none" / "*.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(place / "none.config"),
            "RABBITMQ_CONF_ENV_FILE": str(place / "none.env"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(place / "data"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_PID_FILE": str(place / "run" / "server.pid"),
            "RABBITMQ_LOGS": "-",
            # The script then becomes the node, and does not wait for it: its pid is the node's.
            "RABBITMQ_ALLOW_INPUT": "1",
        }

    @property
    def log(self) -> Path:
        """What the node says."""
        return self._server.log

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._server.pid() is not None

    def start(self) -> None:
        """Start it unless it runs, and wait until every listener is there.

        Raises:
            SlurmUpError: it ended, or is not ready in time; with the end of its log.
        """
        self._epmd.start(["epmd", "-port", str(self.ports.epmd), "-address", "127.0.0.1"])
        self._epmd.wait_until(lambda: listening(self.ports.epmd), "its port")
        self._server.start([str(_program()), "-noinput"])
        for port in (self.ports.management, self.ports.stomp_ws, self.ports.mqtt_ws, self.ports.stomp):
            self._server.wait_until(lambda port=port: listening(port), f"port {port}", seconds=180)  # type: ignore[misc]

    def stop(self) -> None:
        """End it as an admin does: clients are told, queues are written down."""
        self._server.stop()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._server.kill()

    def pause(self) -> None:
        """Keep the process from running (SIGSTOP): connections stay open, and nobody answers."""
        self._server.pause()

    def resume(self) -> None:
        """Let it run on."""
        self._server.resume()

    def close(self) -> None:
        """Stop everything and give the ports back."""
        self._server.kill()
        self._epmd.stop()
        self.ports.release()


def missing_packages() -> list[str]:
    """Packages without which no node can be started."""
    found = shutil.which("rabbitmq-server", path=search_path())
    return [] if found else [PACKAGES["rabbitmq-server"]]


def _program() -> Path:
    if os.access(_BEHIND_DEBIANS_WRAPPER, os.X_OK):
        return _BEHIND_DEBIANS_WRAPPER
    return Path(shutil.which("rabbitmq-server", path=search_path()) or "rabbitmq-server")

"""``waldur-agent emulator``: the emulator as a command."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import EmulatorServer

FAULT_HELP = (
    "what goes wrong: KIND[=VALUE][,KEY=VALUE...], for example status=502,p=0.05 or drop-after,method=POST,nth=3; "
    "kinds are status, status-after, latency, drop-before, drop-after, truncate, short-page, empty-page, "
    "duplicate-page; keys are p, method, path, nth, count, retry-after; may be given more than once"
)


BROKER_HELP = (
    "send events to this RabbitMQ: http://USER:PASSWORD@HOST:PORT of its management API; vhosts, logins and queues "
    "are made there as a Waldur makes them (default: no events)"
)
QUEUES_HELP = (
    "how agents get events, where it is not to be as the scenario or the profile says: bare (MQTT topics and queues "
    "without arguments), per_type (create_queue), per_agent (register_queue, and create_queue as well) or none"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8081, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="what the server starts with (default: a demo)")
    parser.add_argument(
        "--profile", choices=["today", "2024"], default="today", help="which Waldur (default: %(default)s)"
    )
    parser.add_argument("--fault", action="append", default=[], metavar="SPEC", help=FAULT_HELP)
    parser.add_argument("--seed", type=int, default=0, help="what chance does (default: %(default)s)")
    parser.add_argument("--broker", metavar="URL", help=BROKER_HELP)
    parser.add_argument(
        "--broker-delay",
        type=float,
        default=0,
        metavar="SECONDS",
        help="make vhosts, logins and queues so long after the answer, as servers do (default: before it)",
    )
    parser.add_argument("--event-queues", choices=["none", "bare", "per_type", "per_agent"], help=QUEUES_HELP)
    parser.add_argument("--quiet", action="store_true", help="do not print the requests")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT.

    Returns:
        0 after a signal; 1 where the port or the broker cannot be had; 2 for a scenario, a fault or a broker's
        address that cannot be used, or where the emulator's libraries are not installed.
    """
    try:
        server = _server(args)
    except ImportError as error:
        return _complain(f"{error}; install waldur-agent[emulator]", 2)
    except ValueError as error:
        return _complain(str(error), 2)
    from .events.management import BrokerError  # noqa: PLC0415 - as in _server

    try:
        server.start()
    except BrokerError as error:
        return _complain(f"the broker cannot be used: {error}; see --broker", 1)
    except OSError as error:
        return _complain(
            f"cannot listen on {args.host}:{args.port}: {error.strerror or error}; choose another --port", 1
        )
    try:
        _serve(server)
    finally:
        server.stop()
    return 0


def _server(args: argparse.Namespace) -> EmulatorServer:
    # Describing the arguments must not load a web framework.
    from .events.feed import Broker  # noqa: PLC0415 - as said above
    from .fault_spec import parse_fault  # noqa: PLC0415 - as said above
    from .profiles import PROFILES  # noqa: PLC0415 - as said above
    from .scenario import demo_scenario, read_scenario  # noqa: PLC0415 - as said above
    from .server import EmulatorServer  # noqa: PLC0415 - as said above

    scenario = read_scenario(args.scenario) if args.scenario else demo_scenario()
    if args.event_queues:
        scenario.server.event_queues = args.event_queues
    return EmulatorServer(
        scenario,
        faults=[parse_fault(spec) for spec in args.fault],
        seed=args.seed,
        host=args.host,
        port=args.port,
        profile=PROFILES[args.profile],
        echo=None if args.quiet else _print,
        broker=Broker(args.broker, args.broker_delay) if args.broker else None,
    )


def _serve(server: EmulatorServer) -> None:
    """Until a signal. The line that says so comes last: whoever waits for it may send the signal at once."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    _print(f"Waldur emulator: {server.url} token {server.token}")
    ended.wait()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(text: str, status: int) -> int:
    sys.stderr.write(f"waldur-agent emulator: {text}\n")
    return status

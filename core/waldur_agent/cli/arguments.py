"""Options and subcommands, and the help that teaches them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module

from waldur_agent import __version__
from waldur_agent.modes.names import MODE_NAMES

DEFAULT_CONFIG = "waldur-site-agent-config.yaml"

COMMANDS = {
    "plan": "show what a mode would do now, why, and with which commands; change nothing",
    "apply": "show the plan and carry it out once, held removals included where they are allowed",
    "check": "check the configuration, and whether Waldur and the cluster can be reached",
    "load-components": "create and update the offerings' components in Waldur as backend_components has them",
    "diagnostics": "print all that the agent sees: settings, user and roles, offering, components, orders, cluster",
    "create-homedirs": "give every named user of the offerings what they need on this machine, such as a home",
    "plugins": "list the installed plugins and the hooks that each answers",
    "schema": "print the configuration file's keys: a JSON schema for editors, or a page for people",
    "emulator": "run a Waldur of its own on this machine, for demonstrations and tests",
}

DESCRIPTION = """\
Keeps an HPC cluster in step with the Waldur marketplace: accounts from orders, members from
project teams, usage back for billing. Without a subcommand it runs a mode, for ever or --once.
"""

EPILOG = """\
exit status:
  0  all is well (plan: nothing to do)
  1  something failed, was unreachable or is held; the log says what
  2  wrong usage or configuration; nothing was run
  3  plan, and load-components --dry-run: changes are pending
  4  plan only: changes are pending, some of them held back

examples:
  waldur-agent check -c /etc/waldur/waldur-site-agent-config.yaml
  waldur-agent load-components -c config.yaml             (once, and after a change of components)
  waldur-agent plan -m order_process -c config.yaml
  waldur-agent -m order_process --once -c config.yaml
  waldur-agent -m order_process -c config.yaml            (every 5 minutes)

environment:
  WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES     5   minutes between two cycles
  WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES           30
  WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES   5
  WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES   60   event_process: whole passes; 0 for none
  REQUESTS_VERIFY_SSL                             true   false, no, off or 0: certificates are not checked
  SENTRY_ENVIRONMENT                                     the environment's name in Sentry
"""


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the arguments; ``run`` of the result is what is to be done with it."""
    parser = _parser()
    subparsers = parser.add_subparsers(title="subcommands", metavar="COMMAND", dest="command")
    chosen = next((word for word in argv if word in COMMANDS), None)
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        # Only the chosen one is filled in: the others' modules need not be imported for it.
        if name == chosen:
            module = import_module(f"waldur_agent.cli.{name.replace('-', '_')}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        arguments.run = _run_mode
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="waldur-agent",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_mode(parser, default="order_process")
    add_config(parser, default=DEFAULT_CONFIG)
    parser.add_argument("--once", action="store_true", help="run one full cycle and end; the exit status tells")
    parser.add_argument("-v", "--verbose", action="store_true", help="log every request and command, and tracebacks")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def add_mode(parser: argparse.ArgumentParser, default: str = argparse.SUPPRESS) -> None:
    """The mode; in a subcommand without a default of its own, so that the one before it holds."""
    parser.add_argument(
        "-m", "--mode", choices=MODE_NAMES, default=default, help="what to do (default: order_process)"
    )


def add_config(parser: argparse.ArgumentParser, default: str = argparse.SUPPRESS) -> None:
    """The configuration file, likewise."""
    text = f"the configuration file (default: {DEFAULT_CONFIG} here)"
    parser.add_argument("-c", "--config-file", default=default, metavar="FILE", help=text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Machine-readable output."""
    parser.add_argument("--json", action="store_true", help="print JSON on standard output")


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """More to read on standard error."""
    text = "log every request and command, and tracebacks"
    parser.add_argument("-v", "--verbose", action="store_true", default=argparse.SUPPRESS, help=text)


def _run_mode(arguments: argparse.Namespace) -> int:
    run: Callable[[argparse.Namespace], int] = import_module("waldur_agent.cli.mode").run
    return run(arguments)

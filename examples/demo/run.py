"""The demo: a Waldur and a cluster on this machine, and the agent between them as a process of its own.

Run by ``make demo``; ``make demo BACKEND=slurm`` puts a private real Slurm in the sandbox's place. Every step is
checked, and the exit status is 1 where one did not come out as told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cluster import CLUSTERS, Cluster
from rich.console import Console
from rich.table import Table

AGENT = Path(sys.executable).with_name("waldur-agent")
OFFERING = "11111111222233334444555555555555"

CONFIG = """\
timezone: UTC
offerings:
  - name: HPC cluster
    waldur_api_url: {url}
    waldur_api_token: "{token}"
    waldur_offering_uuid: "{offering}"
    backend_type: {backend}
    backend_settings:
      customer_prefix: c_
      project_prefix: p_
      allocation_prefix: hpc_
{settings}
    backend_components:
      cpu: {{measured_unit: k-Hours, unit_factor: 60000, accounting_type: usage, label: CPU}}
      mem: {{measured_unit: gb-Hours, unit_factor: 61440, accounting_type: usage, label: RAM}}
      gres/gpu: {{measured_unit: GPU-Hours, unit_factor: 60, accounting_type: limit, label: GPU}}
"""

console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)


class Unexpected(Exception):  # noqa: N818 - what it tells the reader
    """A step did not come out as told."""


def tell(text: str) -> None:
    """The next part of the story."""
    console.print(f"\n[bold cyan]▶ {text}[/]")


class Waldur:
    """The emulator, as a customer or an operator would look at it."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def get(self, path: str) -> Any:
        """One JSON answer."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Token {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def orders(self) -> list[dict[str, Any]]:
        """All orders of the offering, oldest first."""
        found: list[dict[str, Any]] = self.get(
            f"marketplace-orders/?offering_uuid={OFFERING}&o=created&page_size=100"
        )
        return found

    def show_orders(self) -> None:
        """Print them."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("ORDER", "RESOURCE", "PROJECT", "LIMITS", "STATE"):
            table.add_column(heading)
        for order in self.orders():
            limits = " ".join(f"{name}={amount}" for name, amount in order["limits"].items())
            table.add_row(order["type"], order["resource_name"], order["project_name"], limits, order["state"])
        console.print(table)


@contextmanager
def emulator(folder: Path) -> Iterator[Waldur]:
    """A Waldur of our own on a free port, with the orders of its demonstration."""
    log = folder / "emulator.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [AGENT, "emulator", "--port", "0", "--quiet"], stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            words = process.stdout.readline().split() if process.stdout else []
            if len(words) < 2:
                raise Unexpected(f"the emulator did not start: {log.read_text(encoding='utf-8')}")
            yield Waldur(words[-3], words[-1])
        finally:
            process.terminate()
            process.wait(10)


def agent(*arguments: str, expected: Sequence[int], env: dict[str, str]) -> None:
    """Run the agent as anybody would, with its output on this terminal."""
    shown = [word if "/" not in word else Path(word).name for word in arguments]
    console.print(f"[dim]$ waldur-agent {' '.join(shown)}[/]")
    sys.stdout.flush()
    status = subprocess.run([AGENT, *arguments], env=env, check=False).returncode
    console.print(f"[dim](exit status {status})[/]")
    if status not in expected:
        raise Unexpected(f"exit status {status} came where {' or '.join(map(str, expected))} was due")


def story(backend: str, folder: Path) -> None:
    """From the waiting orders to the second run that finds nothing to do."""
    cluster: Cluster = CLUSTERS[backend](folder)
    with emulator(folder) as waldur, cluster.running() as extra:
        env = {**os.environ, **extra}
        config = folder / "config.yaml"
        settings = "".join(f"      {line}\n" for line in cluster.settings())
        config.write_text(
            CONFIG.format(url=waldur.url, token=waldur.token, offering=OFFERING, backend=backend, settings=settings),
            encoding="utf-8",
        )
        config.chmod(0o600)  # there is a token in it
        cluster.prepare(config, waldur.get(f"marketplace-provider-resources/?offering_uuid={OFFERING}&state=OK"), env)
        path = str(config)

        tell(f"A university has ordered from the computing centre. These orders wait in Waldur at {waldur.url}")
        waldur.show_orders()
        tell(f"The cluster ({cluster.name}) as it is now")
        cluster.show(env)
        tell("What would the agent do? Nothing is changed by asking")
        agent("plan", "-m", "order_process", "-c", path, expected=[3], env=env)
        tell("The agent carries the orders out")
        agent("-m", "order_process", "--once", "-c", path, expected=[0], env=env)
        tell("The accounts, limits and members that now exist")
        cluster.show(env)
        tell("And Waldur knows")
        waldur.show_orders()
        unfinished = [order["resource_name"] for order in waldur.orders() if order["state"] != "done"]
        if unfinished:
            raise Unexpected(f"not done: {', '.join(unfinished)}")
        tell("A second run finds nothing to do")
        agent("-m", "order_process", "--once", "-c", path, expected=[0], env=env)
        agent("plan", "-m", "order_process", "-c", path, expected=[0], env=env)
        console.print("\n[bold green]✔ Every order is done, and asking again changes nothing.[/]")


def main() -> int:
    """Tell the story in a folder that goes away with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=sorted(CLUSTERS), default="sandbox")
    backend = parser.parse_args().backend
    # Short, because the sockets of a private Slurm live in it and their paths are limited to 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="wademo"))
    try:
        story(backend, folder)
    except (Unexpected, subprocess.CalledProcessError) as error:
        console.print(f"[bold red]✘ The demo failed: {error}[/]")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

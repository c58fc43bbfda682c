"""An agent that is killed at one command after the other, until a cycle gets through.

python -m services.mam_child FOLDER MOMENT Create|Update|Terminate

Each cycle is a process of its own, forked from this one, which has everything imported already. Prints how many were
killed, and how the changes of the last one ended.
"""

from __future__ import annotations

import os
import signal
import sys
from decimal import Decimal
from pathlib import Path

from waldur_agent_hookspecs import OrderType

from services.mam import Fault, Mam
from services.mam_plans import cycle, make_plugin, make_ref

MOST_COMMANDS = 60


def run_cycle(kind: OrderType) -> int:
    """One cycle of the order ``kind``; 0 where everything ended well."""
    ref = make_ref(backend_id="" if kind is OrderType.CREATE else "a_climate", leaving=kind is OrderType.TERMINATE)
    wanted = {OrderType.CREATE: 100, OrderType.UPDATE: 150}.get(kind, 0)
    previous = {"deposit": Decimal(100)} if kind is OrderType.UPDATE else {}
    members = ("jdoe", "asmith")
    outcomes = cycle(
        make_plugin(), ref, kind, limits={"deposit": Decimal(wanted)}, previous=previous, members=members
    )
    for outcome in outcomes:
        sys.stdout.write(f"{outcome.change.kind}: {outcome.status} {outcome.text}\n")
    sys.stdout.flush()
    return 0 if all(outcome.good for outcome in outcomes) else 1


def in_a_process(kind: OrderType) -> int:
    """How a cycle ended: its exit status, or the signal that ended it, negative."""
    sys.stdout.flush()
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 70
    try:
        status = run_cycle(kind)
    finally:
        os._exit(status)


def main(folder: Path, moment: str, kind: OrderType) -> int:
    """Kill every cycle at its first write; before it, where nothing would ever be done, one write later each time."""
    mam = Mam.at(folder)
    for kills in range(MOST_COMMANDS):
        mam.heal()
        mam.inject(Fault(kill=moment, skip=kills if moment == "before" else 0, writes=True))
        status = in_a_process(kind)
        mam.heal()
        if status != -signal.SIGKILL:
            sys.stdout.write(f"killed {kills}\n")
            return status
    return 71


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], OrderType(sys.argv[3])))

"""What it costs the SLURM plugin to read usage from many lines of ``sacct``.

cd tests && python -m benchmarks.usage_lines [LINES]      1,000,000 by default, and 1,000 to compare with

Each reading is done in a process of its own, against stand-ins for sacct and sacctmgr. The CPU time is that of the
reading process alone, with everything that it imports.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from services.slurm_plans import make_ref
from waldur_agent_hookspecs import Component, Period, PluginContext
from waldur_agent_slurm.backend import SlurmPlugin
from waldur_agent_slurm.settings import SlurmSettings

ACCOUNTS, USERS = 100, 20

_SACCT = """#!{python} -SE
import sys
format = next(word for word in sys.argv if word.startswith("--format=")).partition("=")[2].split(",")
line = "|".join("%({{}})s".format(name) for name in format) + "\\n"
for first in range(0, {lines}, 10_000):
    sys.stdout.write("".join(line % dict(
        Account="a_%d" % (n % {accounts}), User="user%d" % (n // {accounts} % {users}), ElapsedRaw=n % 86400,
        AllocTRES="billing=%d,cpu=%d,gres/gpu=1,mem=%dM,node=1" % (n % 64, n % 64, n % 250_000),
    ) for n in range(first, min(first + 10_000, {lines}))))
"""
_SACCTMGR = """#!/bin/sh
echo 'bench|root|||||normal|'
seq -f 'bench|a_%.0f|||root||normal|' 0 {accounts}
"""


def main(lines: int) -> None:
    """Compare many lines with few."""
    few, many = _measured(1000), _measured(lines)
    for count, found in ((1000, few), (lines, many)):
        _say(f"{count:>10} lines: CPU {found['cpu']:.2f} s, elapsed {found['elapsed']:.2f} s, {found['mb']:.1f} MB")
    cpu, memory = many["cpu"] - few["cpu"], many["mb"] - few["mb"]
    _say(f"{cpu / (lines - 1000) * 1e6:.2f} µs of CPU for each further line; {memory:.1f} MB more memory")


def _measured(lines: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as directory:
        values = {"python": sys.executable, "lines": lines, "accounts": ACCOUNTS, "users": USERS}
        for name, script in (("sacct", _SACCT), ("sacctmgr", _SACCTMGR)):
            path = Path(directory) / name
            path.write_text(script.format(**values))
            path.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.usage_lines", "--read", directory, str(lines)],
            check=True,
            stdout=subprocess.PIPE,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _read(directory: str, lines: int) -> None:
    components = {name: Component(name, "usage", Decimal(1), "", name) for name in ("cpu", "mem", "gres/gpu")}
    plugin = SlurmPlugin(SlurmSettings(slurm_bin_path=Path(directory)), PluginContext("", "0" * 32, components))
    refs = [make_ref(f"r{number}", backend_id=f"a_{number}") for number in range(ACCOUNTS)]
    began = time.monotonic()
    usage = plugin.collect_usage(refs, Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)))
    elapsed = time.monotonic() - began
    found = sum(one.total["gres/gpu"] for one in usage.values())
    expected = Decimal(sum(number % 86400 for number in range(lines))) / 60
    if round(found - expected, 6):
        raise SystemExit(f"{found} GPU minutes instead of {expected}")
    spent = resource.getrusage(resource.RUSAGE_SELF)
    figures = {"cpu": spent.ru_utime + spent.ru_stime, "elapsed": elapsed, "mb": spent.ru_maxrss / 1024}
    _say(json.dumps(figures))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        _read(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)

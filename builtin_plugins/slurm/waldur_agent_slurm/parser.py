"""What SLURM prints, as values: rows, TRES strings, and what a refusal says.

``sacctmgr -nP`` separates columns by ``|`` and escapes nothing. An answer counts only when it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

_IN_ONES: Final = {unit: Decimal(1024) ** power for power, unit in enumerate(("", *"KMGTPE"))}
_IN_MB: Final = {unit: ones / _IN_ONES["M"] for unit, ones in _IN_ONES.items()} | {"": Decimal(1)}
"""SLURM counts memory in MB, and means that where it prints no unit."""

_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)([KMGTPE]?)")
_LINE: Final = re.compile(r"\bline\((\d+)\)")
_JOB: Final = re.compile(r"([\d_\[\],%-]+)(?:\+\d+)?")

NOTHING_TO_DO: Final = ("nothing modified", "nothing new added", "nothing deleted", "already exists")
"""What ``sacctmgr`` says, with exit status 1, when the state was as wanted before."""

OBJECT_REFUSED: Final = ("problem with line(", "unknown option:", "with quotes")
"""What ``sacctmgr load`` says only when a line of the file itself was not taken. That a parent is not there is none
of these: somebody removed it after it was read, and the next cycle sees that."""


class UnreadableError(ValueError):
    """An answer that may be cut or that means something unknown; its text says where."""


def lines(text: str) -> list[str]:
    """Split an answer into its lines; none where the answer is empty.

    Raises:
        UnreadableError: the last line has no end, so that the answer was cut.
    """
    if text and not text.endswith("\n"):
        raise UnreadableError(f"the answer ends in the middle of a line: {text.splitlines()[-1][:80]!r}")
    return [line for line in text.split("\n") if line.strip()]


def rows(text: str, columns: int) -> Iterator[list[str]]:
    """Split an answer into rows of at least ``columns`` fields. More of them mean that a name contains a ``|``.

    Raises:
        UnreadableError: a row has fewer fields, or the last line has no end.
    """
    for line in lines(text):
        fields = line.split("|")
        if len(fields) < columns:
            raise UnreadableError(f"the row {line[:80]!r} has {len(fields)} instead of {columns} fields")
        yield fields


def amount(text: str, name: str = "mem") -> Decimal:
    """Read one amount of a TRES: ``1000``, ``2000M``, ``1.50G``. Memory comes out in MB.

    Raises:
        UnreadableError: it is no number with a known unit.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise UnreadableError(f"{text!r} is no amount of a TRES")
    units = _IN_MB if name == "mem" or name.startswith("bb/") else _IN_ONES
    return Decimal(match[1]) * units[match[2]]


def tres_part(text: str) -> tuple[str, str]:
    """Split ``mem=1.50G`` into the name of a TRES and the text of its amount.

    Raises:
        UnreadableError: it is not ``name=amount``.
    """
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UnreadableError(f"{text!r} is no TRES with an amount")
    return name, value


def tres(text: str) -> dict[str, Decimal]:
    """Read a TRES string such as ``cpu=1000,gres/gpu=60,mem=1.50G``. An empty one holds no limits.

    Raises:
        UnreadableError: a part is not ``name=amount``.
    """
    parts = map(tres_part, filter(None, text.split(",")))
    return {name: amount(value, name) for name, value in parts}


def nothing_to_do(text: str) -> bool:
    """Whether ``sacctmgr`` complained only that there was nothing to change."""
    said = text.lower()
    return "error" not in said and any(words in said for words in NOTHING_TO_DO)


def object_refused(text: str) -> bool:
    """Whether ``sacctmgr load`` refused a line of the file, rather than failing as a whole."""
    said = text.lower()
    return any(words in said for words in OBJECT_REFUSED)


def jobs_active(text: str) -> bool:
    """Whether ``sacctmgr`` refused to delete because slurmdbd still knows of running or waiting jobs."""
    return "job(s) active" in text.lower()


def refused_line(text: str) -> int | None:
    """The number, from 1, of the line that ``sacctmgr load`` refused; None where it does not say."""
    match = _LINE.search(text)
    return int(match.group(1)) if match else None


def job_id(text: str) -> str:
    """Check a job id of ``squeue``. A component of a heterogeneous job (``15+1``) ends with the whole job, ``15``.

    Raises:
        UnreadableError: it is no job id, and must not reach ``scancel``.
    """
    match = _JOB.fullmatch(text)
    if match is None:
        raise UnreadableError(f"{text!r} is no job id")
    return match.group(1)

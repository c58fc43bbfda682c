"""Gets entries into slurmdbd, and finds the one that is refused among many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import CommandFailed

from . import parser
from .loadfile import AccountEntry, Entry, chunks, load_file

if TYPE_CHECKING:
    from .accounting import Accounting

MAX_ATTEMPTS: Final = 40
"""Loads per call. More refusals than that are no matter of single objects."""


@dataclass(slots=True)
class Loading:
    """Loads entries, and keeps what became of them.

    Attributes:
        refused: SLURM's words by the key of the entry that it refused, or that needs a refused account.
        failure: What ended the loading early; None where it came to its end.
    """

    accounting: Accounting
    refused: dict[str, str] = field(default_factory=dict)
    failure: NotReady | None = None
    _lost: dict[str, str] = field(default_factory=dict)
    _attempts: int = 0

    def load(self, entries: Sequence[Entry]) -> None:
        """Load ordered entries, file by file. What fails is kept, not raised."""
        try:
            for chunk in chunks(entries):
                self._load(chunk)
        except NotReady as error:
            self.failure = error

    def _load(self, entries: Sequence[Entry]) -> None:
        ready = self._without_refused(entries)
        if not ready:
            return
        self._attempts += 1
        if self._attempts > MAX_ATTEMPTS:
            raise NotReady(
                f"SLURM refused {len(self.refused)} entries in {MAX_ATTEMPTS} load files; the rest has to wait"
            )
        written = load_file(self.accounting.cluster, ready)
        try:
            self.accounting.load(written.text)
        except CommandFailed as error:
            if not parser.object_refused(error.answer.said):
                raise
            number = parser.refused_line(error.answer.said)
            self._single_out(ready, written.entries.get(number or 0), error)

    def _single_out(self, entries: Sequence[Entry], refused: Entry | None, error: CommandFailed) -> None:
        """Load the rest without the refused entry; where SLURM does not say which it is, halve and try."""
        if refused is None and len(entries) > 1:
            middle = len(entries) // 2
            self._load(entries[:middle])
            self._load(entries[middle:])
            return
        refused = refused or entries[0]
        said = "; ".join(line.strip() for line in error.answer.errors.splitlines() if line.strip())
        self._refuse(refused, f"SLURM refused {refused.line()}: {said}")
        self._load(entries)

    def _refuse(self, entry: Entry, text: str) -> None:
        self.refused[entry.key] = text
        if isinstance(entry, AccountEntry) and entry.new:
            self._lost[entry.name] = text

    def _without_refused(self, entries: Sequence[Entry]) -> list[Entry]:
        kept: list[Entry] = []
        for entry in entries:
            if entry.parent in self._lost:
                self._refuse(entry, self._lost[entry.parent])
            if entry.key not in self.refused:
                kept.append(entry)
        return kept

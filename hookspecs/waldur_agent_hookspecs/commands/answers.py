"""How a command ended."""

from __future__ import annotations

from dataclasses import dataclass

from waldur_agent_hookspecs.errors import NotReady


@dataclass(frozen=True, slots=True)
class Answer:
    """A command that ended by itself. ``status`` is its exit status, ``command`` what was run, for messages."""

    command: str
    status: int
    output: str
    errors: str

    @property
    def said(self) -> str:
        """Everything that the command said, complaints first."""
        return f"{self.errors}\n{self.output}"

    def failure(self) -> str:
        """One line for people: the command, its exit status and the last thing it said."""
        said = last_line(self.errors) or last_line(self.output) or "it said nothing"
        return f"{self.command} ended with exit status {self.status}: {said}"


class CommandFailed(NotReady):
    """A command ended with an error of which nothing says that an object was refused. Carries the answer.

    It may have worked all the same: what is there now has to be read.
    """

    def __init__(self, answer: Answer, remedy: str = "") -> None:
        super().__init__(answer.failure() + (f"; {remedy}" if remedy else ""))
        self.answer = answer


class CommandLost(NotReady):
    """A command could not be started, did not end in time or was killed: the next one would fare no better."""


def last_line(text: str) -> str:
    """The last line that says something, without control characters; empty where there is none."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return "".join(filter(str.isprintable, said[-1])) if said else ""

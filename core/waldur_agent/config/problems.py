"""What is wrong with a configuration, said so that it can be mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        place: The file, or the environment variable.
        line: From 1; 0 where there are no lines (environment). Likewise ``column``, in characters.
        text: What is there. Never a value from the file: any of them may be a secret.
        expected: What should be there instead, or empty.
        nearest: The known name that is most like the one found, or empty.
    """

    place: str
    text: str
    line: int = 0
    column: int = 0
    expected: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        position = f":{self.line}:{self.column}" if self.line else ""
        advice = [f"expected {self.expected}"] if self.expected else []
        advice += [f"did you mean {self.nearest}?"] if self.nearest else []
        return f"{self.place}{position}: {self.text}" + (f" ({'; '.join(advice)})" if advice else "")


class ConfigError(Exception):
    """A configuration that must not be used. ``str()`` gives one line for each problem, in the file's order."""

    def __init__(self, *problems: Problem) -> None:
        ordered = sorted(problems, key=lambda problem: (problem.line, problem.column))
        super().__init__("\n".join(map(str, ordered)))
        self.problems: tuple[Problem, ...] = tuple(ordered)


class Refused(ValueError):  # noqa: N818 - a validator's verdict on one value
    """A value that a validator of ours refuses. ``text`` goes on from the key: "is not …"."""

    def __init__(self, text: str, *, expected: str = "", nearest: str = "") -> None:
        super().__init__(text)
        self.expected = expected
        self.nearest = nearest


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that ``name`` was probably meant to be, or an empty string."""
    # Compared without case; the result has the known one's.
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else ""

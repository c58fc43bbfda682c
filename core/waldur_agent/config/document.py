"""A YAML text as plain data that remembers where each part of it stands."""

from __future__ import annotations

import yaml

from .problems import ConfigError, Problem
from .syntax import explain
from .tree import Tree, Where, printable


class Document:
    """What a file says, and a way to complain about any part of it.

    Attributes:
        data: The whole file as :class:`~.tree.Tree` reads it; None where there is nothing in it.
        problems: Everything found so far. Reading goes on as far as it makes sense, so that one run names them all.
    """

    def __init__(self, text: str, file: str) -> None:
        """Read ``text``; ``file`` is for messages.

        Raises:
            ConfigError: it is not one YAML document.
        """
        self.file = file
        self._tree = Tree(file)
        self.problems = self._tree.problems
        self.data: object = None
        problem = None
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            if root is not None:
                self.data = self._tree.data(root)
        except yaml.YAMLError as error:
            problem = explain(error, text, file)
        except RecursionError:
            problem = Problem(file, "the values are nested too deeply", 1, 1, "a few levels")
        # Raised out here, so that no exception in the chain carries a piece of the file.
        if problem:
            raise ConfigError(problem)

    def complain(
        self, where: Where, text: str, *, expected: str = "", nearest: str = "", at_key: bool = False
    ) -> None:
        """Note a problem. ``text`` goes on from the name of the part, as in "is not a number"."""
        mark = self._mark(where, at_key=at_key)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        full = f"{spelled(where)} {text}" if where else text
        problem = Problem(self.file, full, line, column, expected, nearest)
        # One value may serve several ends, as backend_type does; it is one problem all the same.
        if problem not in self.problems:
            self.problems.append(problem)

    def line(self, where: Where) -> int:
        """The line on which a key stands."""
        mark = self._mark(where, at_key=True)
        return mark.line + 1 if mark else 1

    def _mark(self, where: Where, *, at_key: bool) -> yaml.Mark | None:
        if at_key and where in self._tree.keys:
            return self._tree.keys[where]
        # A way can lead on where the file ends, as to a missing key: then what is around it is the place.
        ways = (where[:length] for length in range(len(where), -1, -1))
        return next((self._tree.values[way] for way in ways if way in self._tree.values), None)


def spelled(where: Where) -> str:
    """``offerings[0].backend_components.cpu``."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in where)
    return "".join(parts).removeprefix(".")

"""The site's directory of persons: everything that this plugin asks of it, and nothing else.

TODO: this one is a dictionary in memory, so that the plugin works at once and can be tried. Keep the methods, and let
each of them ask your directory. What cannot be read raises ``NotReady``: it never looks as if nobody were there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from waldur_agent_hookspecs import NotReady

_DIRECTORIES: dict[str, dict[str, str]] = {}


def people_of(directory: str) -> dict[str, str]:
    """Who is in the directory: e-mail address to local name. The tests reach it this way, too."""
    return _DIRECTORIES.setdefault(directory, {})


class Directory:
    """Asks the directory.

    Args:
        directory: Which one. Nothing is asked yet.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def name_of(self, email: str) -> str:
        """The local name of a person; empty where there is none."""
        with self._reading() as people:
            return people.get(email.lower(), "") if email else ""

    def names(self) -> frozenset[str]:
        """Every local name that somebody has."""
        with self._reading() as people:
            return frozenset(people.values())

    @contextmanager
    def _reading(self) -> Iterator[Mapping[str, str]]:
        # TODO: a time-out, a refused connection, half an answer:
        #   raise NotReady(f"{self._directory} did not answer a search for …: {error}; is it running?") from error
        if not self._directory:
            raise NotReady("no directory is named; set directory under backend_settings")
        yield people_of(self._directory)

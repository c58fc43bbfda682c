"""The configuration file as text."""

from __future__ import annotations

from pathlib import Path

from .problems import ConfigError, Problem


def read_text(path: Path) -> str:
    """The file's text; a byte order mark is dropped.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    problem = None
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        problem = Problem(str(path), "there is no such file", 1, 1, "the path of a configuration file")
    except IsADirectoryError:
        problem = Problem(str(path), "this is a directory", 1, 1, "the path of a configuration file")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problem = Problem(str(path), f"the file cannot be read: {reason}", 1, 1, "a readable file")
    if problem:
        raise ConfigError(problem)
    return _decoded(path, content)


def _decoded(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start
    before = content[:start]
    if content.startswith(b"\xef\xbb\xbf"):
        before = content[3 : 3 + start]
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
    raise ConfigError(Problem(str(path), "the file is not UTF-8 from here on", line, column, "text in UTF-8"))

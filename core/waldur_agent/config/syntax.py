"""What PyYAML says about a text that is not YAML, in words about the file.

PyYAML's own messages are not used: they quote the text, and the text may be a token.
"""

from __future__ import annotations

import yaml

from .problems import Problem

_QUOTES = "text with special characters in quotes"
_LINES = "'key: value' on a line of its own; text with ': ' in it in quotes"
_WORDS = (
    # What PyYAML's message has in it; what we say; what was expected.
    ("'\\t'", "there is a tab", "spaces: YAML does not take tabs between values or as indentation"),
    ("another document", "a second YAML document begins", "one document; remove the line ---"),
    (
        "undefined alias",
        "this refers to an anchor that is not defined above",
        "&name further up; or the text in quotes",
    ),
    ("occurrence", "this anchor is defined twice", "another name"),
    ("mapping values are not allowed", "this colon makes a key where none can stand", _LINES),
    ("sequence entries are not allowed", "a list item cannot stand here", "items on lines of their own"),
    ("could not find expected ':'", "the colon and the blank after a key are missing", _LINES),
    ("expected <block end>", "the indentation fits none of the lines above", "keys of one level in one column"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing", "',' or the closing bracket"),
    ("end of stream", "the closing quote is missing", "the quote with which the value began"),
    ("escape", "there is no such escape in double quotes", "single quotes, or the backslash doubled"),
    ("cannot start any token", "this character cannot begin a value", _QUOTES),
    ("node content", "this character cannot begin a value", _QUOTES),
    ("incompatible YAML", "this asks for another version of YAML", "YAML 1.1; remove the line"),
    ("expected alphabetic", "this character cannot begin a value", _QUOTES),
)


def explain(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """What is wrong, and where."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        return Problem(file, "there is a control character", line, column, "printable text")
    message = str(getattr(error, "problem", ""))
    mark = _mark(error, message)
    if mark is None:
        return Problem(file, "this is not YAML", 1, 1, "'key: value' lines")
    what, expected = next(
        ((what, expected) for part, what, expected in _WORDS if part in message),
        ("this is not YAML", _QUOTES),
    )
    return Problem(file, what, mark.line + 1, mark.column + 1, expected)


def _mark(error: yaml.YAMLError, message: str) -> yaml.Mark | None:
    # A quote or bracket that stays open is noticed at the end of the file; where it was opened is what helps.
    opened = "end of stream" in message or "stream end" in message
    if opened and getattr(error, "context_mark", None):
        return error.context_mark  # type: ignore[attr-defined, no-any-return]  # only some YAML errors have marks
    return getattr(error, "problem_mark", None)

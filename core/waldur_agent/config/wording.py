"""pydantic's verdicts in our words. Its own texts quote the value, and the value may be a token."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from .document import Document
from .fields import Model, field_at, keys_of, section_at
from .problems import Refused, nearest
from .scalars import UNUSABLE, Misread
from .tree import Where

_TYPES = {
    # The first word of the names of pydantic's errors about types, and what they ask for.
    "string": "text",
    "path": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen": "a list",
    "dict": "a mapping of keys to values",
    "mapping": "a mapping of keys to values",
    "model": "a mapping of keys to values",
}
_BOUNDS = {
    "greater_than": ("gt", "a number above {}"),
    "greater_than_equal": ("ge", "{} or more"),
    "less_than": ("lt", "a number below {}"),
    "less_than_equal": ("le", "{} or less"),
    "too_short": ("min_length", "{} or more entries"),
    "too_long": ("max_length", "{} entries or fewer"),
    "string_too_short": ("min_length", "{} or more characters"),
    "string_too_long": ("max_length", "{} characters or fewer"),
}


def report(error: ValidationError, model: Model, document: Document, where: Where, *, owner: str = "") -> None:
    """Note everything that ``model`` refuses about the section at ``where``.

    ``owner`` says in words who asks for the section's keys, where it is not this agent.
    """
    for detail in error.errors(include_url=False):
        _report_one(detail, model, document, where, owner)


def _report_one(detail: ErrorDetails, model: Model, document: Document, where: Where, owner: str) -> None:
    # A refused key, as against its value, has this as its last step.
    steps = tuple(step for step in detail["loc"] if step != "[key]")
    if detail["input"] == UNUSABLE:
        return
    field = field_at(model, steps)
    described = (field.description or "") if field else ""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        needs = f", which {owner} needs" if owner else ""
        missing = f"lacks {steps[-1]}{needs}" if where or steps[:-1] else f"{steps[-1]} is missing"
        document.complain(where + steps[:-1], missing, expected=described)
    elif kind == "extra_forbidden":
        unknown_key(document, where + steps, keys_of(section_at(model, steps[:-1]) or model))
    elif kind in {"value_error", "assertion_error"}:
        _own_verdict(context.get("error"), document, where + steps, whole=not steps)
    else:
        text, expected = _verdict(kind, context, detail["input"])
        document.complain(where + steps, text, expected=expected or described)


def unknown_key(document: Document, where: Where, known: Mapping[str, Any]) -> None:
    """Note a key that nobody knows."""
    name = nearest(str(where[-1]), known)
    expected = "" if name else f"one of {', '.join(sorted(known))}" if known else "no keys here"
    document.complain(where, "is not a known key", expected=expected, nearest=name, at_key=True)


def _own_verdict(verdict: object, document: Document, where: Where, *, whole: bool) -> None:
    if isinstance(verdict, Refused):
        document.complain(where, str(verdict), expected=verdict.expected, nearest=verdict.nearest)
    else:
        # A plugin's validator: a text for people, by contract.
        document.complain(where, f"cannot be used: {verdict}", at_key=whole)


def _verdict(kind: str, context: Mapping[str, Any], value: object) -> tuple[str, str]:
    """What is there, and what was expected."""
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        what = "is empty" if value in ("", [], {}) else "is out of bounds"
        return what, words.format(context.get(bound))
    if kind in {"literal_error", "enum"}:
        return "is none of the known values", str(context.get("expected", "")).replace("'", "")
    if kind == "finite_number":
        return "is not a finite number", "a number"
    # What pydantic calls the type of a number that is no number.
    kind = "decimal_type" if kind == "is_instance_of" and context.get("class") == "Decimal" else kind
    about_type = kind.endswith(("_type", "_parsing", "_from_float"))
    expected = _TYPES.get(kind.partition("_")[0], "") if about_type else ""
    if not expected:
        return "does not have the right form", ""
    if expected == "text" and isinstance(value, bool | int | Decimal | Misread):
        expected = "text; put it in quotes"
    return f"is {_kind_of(value)}", expected


def _kind_of(value: object) -> str:
    if isinstance(value, Misread):
        return value.kind
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (type(None), "empty"),
        (bool, "true or false to YAML"),
        ((int, Decimal), "a number"),
        ((str, SecretStr), "text"),
        (list, "a list"),
        (dict, "a mapping"),
    )
    return next((words for types, words in kinds if isinstance(value, types)), "something else")

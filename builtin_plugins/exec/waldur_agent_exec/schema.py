"""The protocol as a JSON schema, made from the contract's own types."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from waldur_agent_hookspecs import CHANGE_ORDER, Change, PluginContext, specs

from .parser import NUMBER, Refusal
from .signatures import DESCRIBE, HOOKS, NOTICES, PROTOCOL, answer_type, argument_types

Schema = dict[str, Any]

_PLAIN: Final[Mapping[Any, Schema]] = {
    Any: {},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    datetime: {"type": "string", "format": "date-time"},
}
_AMOUNT: Final[Schema] = {
    "description": "An amount, digit by digit. The agent writes text; a program may write text or a number.",
    "anyOf": [{"type": "string", "pattern": f"^{NUMBER.pattern}$"}, {"type": "number"}],
}


def protocol() -> Schema:
    """One document: ``#/$defs/HOOK.request`` is what a program reads, ``#/$defs/HOOK.answer`` what it writes."""
    definitions: dict[str, Schema] = {}
    for hook in (DESCRIBE, *HOOKS):
        definitions[f"{hook}.request"] = _request(hook, definitions)
        definitions[f"{hook}.answer"] = _answer(hook, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"waldur-agent exec protocol, version {PROTOCOL}",
        "description": "What a program reads is HOOK.request, what it writes is HOOK.answer.",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in definitions if "." in name],
        "$defs": dict(sorted(definitions.items())),
    }


def _request(hook: str, definitions: dict[str, Schema]) -> Schema:
    arguments = {name: _schema(kind, definitions) for name, kind in argument_types(hook).items()}
    return _object(
        {
            "protocol": {"const": PROTOCOL},
            "hook": {"const": hook},
            "arguments": _object(arguments, required=list(arguments)),
            "context": _schema(PluginContext, definitions),
        },
        required=["protocol", "hook", "arguments", "context"],
        description=_summary(getattr(specs, hook)) if hook in HOOKS else "Say what the program is and can answer.",
    )


def _answer(hook: str, definitions: dict[str, Schema]) -> Schema:
    result = {} if hook in NOTICES else _schema(answer_type(hook), definitions)
    error = _schema(Refusal, definitions)
    return {
        "oneOf": [
            _object({"result": result}, required=["result"]),
            _object({"error": error}, required=["error"]),
        ]
    }


def _schema(kind: Any, definitions: dict[str, Schema]) -> Schema:
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return {"enum": list(parts)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(parts[1], definitions)}
    if origin in {Sequence, tuple, frozenset}:
        unique = {"uniqueItems": True} if origin is frozenset else {}
        return {"type": "array", "items": _schema(parts[0], definitions), **unique}
    if origin is types.UnionType:
        return {"anyOf": [_schema(parts[0], definitions), {"type": "null"}]}
    return _defined(kind, definitions)


def _defined(kind: Any, definitions: dict[str, Schema]) -> Schema:
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # its place, for a type that holds itself
        definitions[kind.__name__] = _definition(kind, definitions)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _definition(kind: Any, definitions: dict[str, Schema]) -> Schema:
    if kind is Decimal:
        return _AMOUNT
    if issubclass(kind, Enum):
        return {"description": _summary(kind), "enum": [member.value for member in kind]}
    if kind is Change:
        return {"description": _summary(kind), "oneOf": [_schema(change, definitions) for change in CHANGE_ORDER]}
    hints, texts = typing.get_type_hints(kind), _attributes(kind)
    fields = dataclasses.fields(kind)
    properties = {it.name: _described(_schema(hints[it.name], definitions), texts.get(it.name, "")) for it in fields}
    required = [it.name for it in fields if it.default is it.default_factory is dataclasses.MISSING]
    if issubclass(kind, Change):
        properties = {"kind": {"const": kind.kind}} | properties
        required = ["kind", *required]
    return _object(properties, required=required, description=_summary(kind))


def _described(schema: Schema, text: str) -> Schema:
    return schema | ({"description": text} if text else {})


def _object(properties: Mapping[str, Schema], *, required: Sequence[str], description: str = "") -> Schema:
    schema = {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }
    return ({"description": description} if description else {}) | schema


def _summary(subject: Any) -> str:
    """The first paragraph of a docstring, as text on one line."""
    return _plain((inspect.getdoc(subject) or "").split("\n\n")[0])


def _attributes(kind: Any) -> Mapping[str, str]:
    """What a docstring says of each attribute."""
    _, _, texts = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", texts, re.MULTILINE)
    return {name: _plain(text) for name, text in found}


def _plain(text: str) -> str:
    """Without the marks of the documentation's language."""
    marked = re.sub(r":\w+:`~?(?:\w+\.)*(\w+)`", r"\1", text)
    return " ".join(marked.replace("``", "").replace("*", "").split())

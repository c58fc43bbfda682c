"""What the program reads on standard input: one JSON object."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from waldur_agent_hookspecs import Change, PluginContext

from .signatures import PROTOCOL


def request(hook: str, arguments: Mapping[str, Any], context: PluginContext) -> bytes:
    """One call, as UTF-8, on one line."""
    message = {
        "protocol": PROTOCOL,
        "hook": hook,
        "arguments": encode(arguments),
        "context": encode(context),
    }
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def encode(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """A value of the contract in terms of JSON: amounts as text, times in ISO 8601, sets in order."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): encode(item) for key, item in value.items()}
        case list() | tuple():
            return [encode(item) for item in value]
        case frozenset():
            return sorted(encode(item) for item in value)
        case _ if dataclasses.is_dataclass(value):
            return _kind(value) | {
                field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)
            }
        case _:
            return value


def _kind(value: Any) -> dict[str, str]:
    """A change says of which kind it is: it has the name of the hook that does it."""
    return {"kind": value.kind} if isinstance(value, Change) else {}

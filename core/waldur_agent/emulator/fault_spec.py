"""The short form of a fault on the command line.

``KIND[=VALUE][,KEY=VALUE…]``, where KIND is a name of :class:`~.faults.Kind` and the keys are

======================= ====================================================
``p``                   probability, 0 to 1
``method``              ``GET``, ``POST``, …
``path``                regular expression, searched for in the path; no comma
``nth``, ``count``      only the n-th match; at most so many times
``retry-after``         seconds
======================= ====================================================

Examples: ``status=502,p=0.05``, ``latency=0.5,path=/team/``, ``drop-after,method=POST,nth=3``,
``status=429,retry-after=2,count=5``, ``short-page,path=marketplace-orders``.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from .faults import Fault, Kind

_KEYS: Final = {
    "p": "probability",
    "method": "method",
    "path": "path",
    "nth": "nth",
    "count": "count",
    "retry-after": "retry_after",
}
_VALUE_OF: Final = {Kind.STATUS: "status", Kind.STATUS_AFTER: "status", Kind.LATENCY: "seconds"}


def parse_fault(spec: str) -> Fault:
    """Read the short form.

    Raises:
        ValueError: it has a word that is not understood; the text names it and the words there are.
    """
    first, *rest = spec.split(",")
    values = _kind(first)
    for item in rest:
        key, equals, value = item.partition("=")
        if not equals or key not in _KEYS:
            raise ValueError(f"fault {spec!r}: {item!r} is none of {', '.join(f'{name}=…' for name in _KEYS)}")
        values[_KEYS[key]] = value
    try:
        return Fault.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors())
        raise ValueError(f"fault {spec!r}: {problems}") from error


def _kind(text: str) -> dict[str, Any]:
    name, equals, value = text.partition("=")
    try:
        kind = Kind(name)
    except ValueError:
        raise ValueError(f"fault {text!r}: {name!r} is none of {', '.join(Kind)}") from None
    if not equals:
        return {"kind": kind}
    if kind not in _VALUE_OF:
        raise ValueError(f"fault {text!r}: {name} takes no value")
    return {"kind": kind, _VALUE_OF[kind]: value}

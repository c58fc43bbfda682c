"""The contract as a page to read: every hook and every type, from their own documentation."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import waldur_agent_hookspecs

from . import specs
from .errors import PluginError
from .markers import API_VERSION, PROJECT

Hook = Callable[..., Any]


def hook_reference() -> str:
    """The page, in Markdown."""
    return "\n".join([*_head(), *_table(), *_hooks(), *_types()]) + "\n"


def hooks() -> dict[str, Hook]:
    """Every hook by name; those about persons last."""
    found = {name: value for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec")}
    return dict(sorted(found.items(), key=lambda item: item[1].__module__ != specs.__name__))


def _head() -> Iterator[str]:
    yield "# Hooks and types"
    yield ""
    yield f"Version {API_VERSION} of the contract. `python -m {PROJECT}_hookspecs` prints this page, from the hooks'"
    yield "own texts. How a plugin is made: [plugins.md](plugins.md)."
    yield ""
    yield _markdown((inspect.getdoc(specs) or "").partition("\n\n")[2].partition("\n\nThose about persons")[0])
    yield ""


def _table() -> Iterator[str]:
    yield "| hook | kind | what it asks or tells |"
    yield "|---|---|---|"
    for name, hook in hooks().items():
        yield f"| [`{name}`](#{name}) | {_kind(name, hook)} | {_parts(hook)['Summary']} |"
    yield ""


def _kind(name: str, hook: Hook) -> str:
    if getattr(hook, f"{PROJECT}_spec")["firstresult"]:
        return "question, optional" if "Optional" in _parts(hook)["Called"] else "question"
    return "notice" if name.endswith("ed") else "asked of all"


def _hooks() -> Iterator[str]:
    for name, hook in hooks().items():
        parameters = inspect.signature(hook).parameters.values()
        arguments = ", ".join(f"{parameter.name}: {parameter.annotation}" for parameter in parameters)
        parts = _parts(hook)
        yield f"## {name}"
        yield ""
        yield "```python"
        yield "@hookimpl"
        yield f"def {name}({', '.join(filter(None, ['self', arguments]))}) -> {_returned(hook)}: ..."
        yield "```"
        yield ""
        yield parts["Summary"]
        yield ""
        yield f"- **Called** {_flat(parts['Called'])}"
        yield from (f"- `{word}`: {text}" for word, text in _entries(parts.get("Args", "")))
        yield f"- **Returns** {_flat(parts['Returns'])}"
        yield from (f"- **raises** `{word}`: {text}" for word, text in _entries(parts["Raises"]))
        yield ""


def _returned(hook: Hook) -> str:
    return str(inspect.signature(hook).return_annotation)


def _parts(hook: Hook) -> dict[str, str]:
    """The documentation's parts by name, the first one as ``Summary``."""
    pieces = re.split(r"^(Called|Args|Returns|Raises): ?", inspect.getdoc(hook) or "", flags=re.MULTILINE)
    return {"Summary": pieces[0].strip(), **dict(zip(pieces[1::2], pieces[2::2], strict=True))}


def _entries(part: str) -> list[tuple[str, str]]:
    """What a part says of each word."""
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", part, re.MULTILINE)
    return [(word, _flat(text)) for word, text in found]


def _types() -> Iterator[str]:
    yield "## Types"
    yield ""
    yield "All are frozen, all come from `waldur_agent_hookspecs`."
    yield ""
    for name, kind in sorted(vars(waldur_agent_hookspecs).items()):
        if isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, Enum | PluginError)):
            yield from _type(name, kind)


def _type(name: str, kind: type[Any]) -> Iterator[str]:
    text, _, attributes = (inspect.getdoc(kind) or "").partition("\nAttributes:\n")
    text, _, arguments = text.partition("\nArgs:\n")
    said = dict(_entries(attributes))
    yield f"### {name}"
    yield ""
    yield _markdown(text.strip())
    yield ""
    if issubclass(kind, Enum):
        yield ", ".join(f"`{member.name}` (`{member.value}`)" for member in kind)
        yield ""
    elif dataclasses.is_dataclass(kind):
        yield from (_field(field, said.get(field.name, "")) for field in dataclasses.fields(kind))
        yield ""
    elif arguments:
        yield from (f"- `{word}`: {text}" for word, text in _entries(arguments))
        yield ""


def _field(field: dataclasses.Field[Any], text: str) -> str:
    optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    named = f"- `{field.name}: {field.type}`" + (", optional" if optional else "")
    return f"{named}: {text}" if text else named


def _flat(text: str) -> str:
    return " ".join(_markdown(text).split())


def _markdown(text: str) -> str:
    """Turn the marks of reStructuredText into those of Markdown."""
    text = re.sub(r":\w+:`~?(?:\w+\.)*\.?(\w+)`", r"`\1`", text)
    return text.replace("``", "`")

"""The configuration file as a page for people, made from the same models that check it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from waldur_agent.registry import PluginEntry, Registry

from .environment import PERIODS
from .fields import keys_of
from .sections import ComponentSection, FileSection, OfferingSection, RemovalFuse

_HEAD = """\
# Configuration

<!-- Made by "make docs" from the models that check the file. Change those, not this. -->

One YAML file, by default `waldur-site-agent-config.yaml` in the current directory; the units read
`/etc/waldur/waldur-site-agent-config.yaml`. A complete one is
[examples/waldur-site-agent-config.yaml.example](../examples/waldur-site-agent-config.yaml.example).
It is checked whole before anything runs: a key that is not known, misspelt or of the wrong type is told with its line
and the nearest known key. `waldur-agent schema` prints the same as a JSON schema, for editors.
"""

_ROLES = """\
`backend_type` alone stands for all three jobs. Where any of `order_processing_backend`, `membership_sync_backend` and
`reporting_backend` is there, they are given out one by one, and a job whose key is left out is not done for the
offering. Which plugins there are, `waldur-agent plugins` tells. Their own keys stand under `backend_settings`, all in
one mapping; each must be known to one of the plugins that the offering uses.
"""

_COMPONENTS = """\
### backend_components

By the type of the component in Waldur, which is the TRES in SLURM (`cpu`, `mem`, `gres/gpu`, …).
"""

_OTHERS = (
    ("REQUESTS_VERIFY_SSL", "true", "`false`, `no`, `off` or `0`, in any case: certificates are not checked"),
    ("REQUESTS_CA_BUNDLE", "", "a file of certificates to trust in the place of the usual ones"),
    ("SENTRY_ENVIRONMENT", "", "the name of the environment in Sentry"),
)


def reference(registry: Registry) -> str:
    """The page, in Markdown, for a file that may use any of the plugins in ``registry``."""
    parts = [
        _HEAD,
        "## The file\n",
        _table(FileSection),
        "## offerings\n\nA list; each entry has these keys.\n",
        _table(OfferingSection),
        _ROLES,
        _COMPONENTS,
        _table(ComponentSection),
        "### removal_fuse\n\nMore removals in one cycle than either bound, and all of them wait for a person.\n",
        _table(RemovalFuse),
        *(_plugin(entry) for entry in registry if keys_of(entry.plugin.settings_model)),
        "## Environment\n",
        _environment(),
    ]
    return "\n".join(parts)


def _plugin(entry: PluginEntry) -> str:
    return f"### backend_settings of `{entry.name}`\n\n{_table(entry.plugin.settings_model)}"


def _table(model: type[BaseModel]) -> str:
    told = dict(_attributes(model))
    schemas = model.model_json_schema().get("properties", {})
    # pydantic describes a field under one of its names only.
    by_field = {id(field): schemas[key] for key, field in keys_of(model).items() if key in schemas}
    rows = [
        f"| `{key}` | {_kind(by_field.get(id(field), {}))} | {_default(field)} "
        f"| {_cell(field.description or told.get(key, ''))} |"
        for key, field in keys_of(model).items()
    ]
    return "\n".join(["| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows]) + "\n"


def _attributes(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """What a model's docstring says of its fields, where they have no description of their own."""
    _, _, section = (inspect.getdoc(model) or "").partition("Attributes:\n")
    for name, text in re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section, re.MULTILINE):
        yield name, " ".join(text.split())


def _kind(schema: Mapping[str, Any]) -> str:
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    if len(choices) != 1:
        return " or ".join(dict.fromkeys(map(_kind, choices)))
    (only,) = choices
    if "enum" in only:
        return " or ".join(f"`{value}`" for value in only["enum"])
    words = {"string": "text", "boolean": "true or false", "integer": "whole number", "array": "list"}
    return words.get(kind := str(only.get("type", "object")), kind).replace("object", "mapping")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, SecretStr) or value in (None, "", [], {}, ()):
        return ""
    return f"`{value:f}`" if isinstance(value, Decimal) else f"`{json.dumps(value, default=str)}`"


def _cell(text: str) -> str:
    plain = " ".join(text.split()).replace("``", "`").replace("|", "\\|").removesuffix(".")
    return plain[:1].upper() + plain[1:]


def _environment() -> str:
    rows = [
        *(
            (name, f"{minutes:g}", f"minutes between two cycles of `{mode}`")
            for mode, (name, minutes) in PERIODS.items()
        ),
        *_OTHERS,
    ]
    lines = [f"| `{name}` | {default} | {text} |" for name, default, text in rows]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *lines]) + "\n"

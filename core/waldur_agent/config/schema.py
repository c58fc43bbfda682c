"""The configuration file as a JSON schema, for editors."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from waldur_agent.registry import Registry

from .plugin_settings import settings_keys
from .sections import FileSection, OfferingSection

Schema = dict[str, Any]


def json_schema(registry: Registry) -> Schema:
    """The schema of a file that may use any of the plugins in ``registry``.

    It is a little wider than what is accepted: it does not know which plugins an offering uses, so it takes the keys
    of all of them in each.
    """
    models: list[type[BaseModel]] = [
        FileSection,
        OfferingSection,
        *(entry.plugin.settings_model for entry in registry),
    ]
    references, combined = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template="#/$defs/{model}"
    )
    definitions = combined["$defs"]
    named = {model: definitions[reference["$ref"].rpartition("/")[2]] for (model, _), reference in references.items()}
    settings: dict[str, list[Schema]] = {}
    for entry in registry:
        for key, schema in _keys(entry.plugin.settings_model, named, settings_keys(entry)).items():
            if schema not in settings.setdefault(key, []):
                settings[key].append(schema)
    offering = references[OfferingSection, "validation"]
    named[OfferingSection]["properties"]["backend_settings"] = _closed(settings)
    named[FileSection]["properties"]["offerings"]["items"] = offering
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "waldur-agent configuration",
        **{key: value for key, value in named[FileSection].items() if key != "title"},
        "$defs": definitions,
    }


def _keys(model: Any, named: dict[Any, Schema], keys: Any) -> dict[str, Schema]:
    """The schema of each key; pydantic puts a field under one of its aliases only."""
    properties = named[model].get("properties", {})
    by_field = {id(keys[key]): schema for key, schema in properties.items() if key in keys}
    return {key: by_field[id(field)] for key, field in keys.items() if id(field) in by_field}


def _closed(settings: dict[str, list[Schema]]) -> Schema:
    properties = {
        key: schemas[0] if len(schemas) == 1 else {"anyOf": schemas} for key, schemas in sorted(settings.items())
    }
    return {
        "type": "object",
        "description": "the plugins' own keys",
        "properties": properties,
        "additionalProperties": False,
    }

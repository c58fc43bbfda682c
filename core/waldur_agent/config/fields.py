"""What a pydantic model says about its keys: the only source of which keys there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def keys_of(model: Model) -> Mapping[str, FieldInfo]:
    """Every key that ``model`` reads, aliases included."""
    by_name = model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name")
    keys: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        aliases = _aliases(field)
        for key in [*aliases, *([name] if by_name or not aliases else [])]:
            keys[key] = field
    return keys


def section_at(model: Model, steps: Sequence[str | int]) -> Model | None:
    """The model of the section to which ``steps`` lead within ``model``; None where there is no model."""
    here: Any = model
    for step in steps:
        here = _inside(here, step)
    return here if _is_model(here) else None


def field_at(model: Model, steps: Sequence[str | int]) -> FieldInfo | None:
    """The field to which ``steps`` lead within ``model``; None for what is no field, such as an item of a list."""
    section = section_at(model, steps[:-1]) if steps else None
    return keys_of(section).get(str(steps[-1])) if section else None


def _aliases(field: FieldInfo) -> list[str]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    firsts = [choice.path[0] if isinstance(choice, AliasPath) else choice for choice in choices]
    return [first for first in firsts if isinstance(first, str)]


def _inside(annotation: Any, step: str | int) -> Any:
    annotation = _bare(annotation)
    if _is_model(annotation):
        field = keys_of(annotation).get(str(step))
        return _bare(field.annotation) if field else None
    arguments = get_args(annotation)
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: Any) -> Any:
    """The annotation without ``Annotated`` and without ``| None``."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    arguments = [argument for argument in get_args(annotation) if argument is not NoneType]
    optional = len(arguments) == 1 and len(get_args(annotation)) == 2
    return _bare(arguments[0]) if optional else annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)

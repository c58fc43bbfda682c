from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field
from waldur_agent.config.fields import field_at, keys_of, section_at


class Inner(BaseModel):
    depth: int = Field(description="how deep")


class Outer(BaseModel):
    plain: str = ""
    renamed: str = Field(default="", alias="other")
    either: str = Field(default="", validation_alias=AliasChoices("new", AliasPath("old", 0)))
    one: Inner | None = None
    many: list[Annotated[Inner, Field()]] = []
    named: dict[str, Inner] = {}


class Tolerant(Outer):
    model_config = ConfigDict(populate_by_name=True)


def test_the_keys_are_what_the_model_reads() -> None:
    assert set(keys_of(Outer)) == {"plain", "other", "new", "old", "one", "many", "named"}


def test_names_count_beside_aliases_where_the_model_takes_them() -> None:
    assert set(keys_of(Tolerant)) == set(keys_of(Outer)) | {"renamed", "either"}


@pytest.mark.parametrize("steps", [("one",), ("many", 3), ("named", "x")])
def test_a_way_leads_into_optional_values_lists_and_mappings(steps: tuple[str | int, ...]) -> None:
    assert section_at(Outer, steps) is Inner
    field = field_at(Outer, (*steps, "depth"))
    assert field is not None
    assert field.description == "how deep"


@pytest.mark.parametrize("steps", [(), ("nowhere",), ("plain", 0), ("one", "nowhere", "x"), ("many",)])
def test_a_way_that_leads_to_no_section_of_its_own(steps: tuple[str | int, ...]) -> None:
    assert section_at(Outer, steps) is (Outer if steps == () else None)

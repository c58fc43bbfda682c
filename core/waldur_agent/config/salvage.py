"""Reading a section of which a part is wrong, so that the rest of it is checked in the same run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from .document import Document
from .fields import keys_of
from .sections import STAND_INS, Section
from .tree import Where
from .wording import report

SectionT = TypeVar("SectionT", bound=Section)


def read_section(
    model: type[SectionT], given: Mapping[str, object], document: Document, where: Where
) -> tuple[SectionT, frozenset[str]]:
    """The section, and the keys that could not be used; these are noted and have their defaults or stand-ins."""
    try:
        return model.model_validate(given), frozenset()
    except ValidationError as error:
        report(error, model, document, where)
        bad = frozenset(str(detail["loc"][0]) for detail in error.errors() if detail["loc"])
    good = {key: value for key, value in given.items() if key not in bad and key in keys_of(model)}
    return model.model_validate({**STAND_INS.get(model, {}), **good}), bad

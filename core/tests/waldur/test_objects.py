"""Waldur's objects, however odd."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from waldur_agent.waldur import Unavailable
from waldur_agent.waldur.objects import order, resource

UUID = "1" * 32


def read(text: str) -> Any:
    """As a connection does."""
    return json.loads(text, parse_float=Decimal)


def test_metadata_can_be_written_again_as_they_were_read() -> None:
    text = '{"share": 0.5, "parts": [1.25, {"deep": 2.0}], "name": "x", "on": true, "none": null}'
    found = resource(read(f'{{"uuid": "{UUID}", "backend_metadata": {text}}}')).backend_metadata
    assert json.loads(json.dumps(found)) == json.loads(text)


@pytest.mark.parametrize("amount", ['"many"', "1e24", '"NaN"', "-1e15"])
def test_what_is_no_amount_is_told(amount: str) -> None:
    with pytest.raises(Unavailable, match="the limit of 'cpu'"):
        order(read(f'{{"uuid": "{UUID}", "limits": {{"cpu": {amount}}}}}'))


def test_attributes_of_a_new_resource_are_the_customers_own() -> None:
    attributes = '{"name": "x", "old_limits": {"cpu": "many"}}'
    assert order(read(f'{{"uuid": "{UUID}", "type": "Create", "attributes": {attributes}}}')).old_limits == {}
    with pytest.raises(Unavailable):
        order(read(f'{{"uuid": "{UUID}", "type": "Update", "attributes": {attributes}}}'))

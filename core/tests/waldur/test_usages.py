from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from services.scripted_http import Asked, Reply, Script, scripted
from waldur_agent.waldur import Connection, Learned, Unavailable, UserAmount
from waldur_agent.waldur.usages import Usages

MONTH = date(2026, 11, 1)
RECORD = "a" * 32
ITEM = {"uuid": RECORD, "type": "cpu", "resource_uuid": "b" * 32, "billing_period": "2026-11-01"}


@contextmanager
def usages(answer: Callable[[Asked], Reply], learned: set[str] | None = None) -> Iterator[tuple[Usages, Script]]:
    with scripted(answer) as script:
        connection = Connection(script.url, "t", user_agent="waldur-site-agent-test/1")
        yield Usages(connection, "c" * 32, Learned(set() if learned is None else learned)), script
        connection.close()


@pytest.mark.parametrize(
    ("told", "amount"), [("12.30", "12.3"), (12.3, "12.3"), (7, "7"), (None, "0"), ("0.00", "0")]
)
def test_amounts_come_in_many_forms(told: Any, amount: str) -> None:
    with usages(lambda _: Reply(body=[{**ITEM, "usage": told}])) as (waldur, _):
        assert waldur.records(MONTH)[0].amount == Decimal(amount)


@pytest.mark.parametrize("told", ["many", "NaN", "Infinity"])
def test_what_is_no_amount_is_not_taken_for_zero(told: Any) -> None:
    with usages(lambda _: Reply(body=[{**ITEM, "usage": told}])) as (waldur, _), pytest.raises(Unavailable):
        waldur.records(MONTH)


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-11-03T01:02:42.424242Z", datetime(2026, 11, 3, 1, 2, 42, 424242, tzinfo=UTC)),
        ("2026-11-03T03:02:42+02:00", datetime(2026, 11, 3, 1, 2, 42, tzinfo=UTC)),
        ("2026-11-03", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_only_whole_moments_tell_anything(told: Any, moment: datetime | None) -> None:
    with usages(lambda _: Reply(body=[{**ITEM, "date": told}])) as (waldur, _):
        assert waldur.records(MONTH)[0].date == moment


def test_items_of_other_months_are_dropped_and_the_asked_resource_is_filled_in() -> None:
    items = [{**ITEM, "billing_period": "2026-10-01"}, {"uuid": "d" * 32, "type": "cpu", "usage": 1}]
    with usages(lambda _: Reply(body=items)) as (waldur, script):
        (record,) = waldur.records(MONTH, "e" * 32)
        assert (record.uuid, record.resource_uuid) == ("d" * 32, "e" * 32)
        assert "billing_period=2026-11-01" in script.asked[0].path


def test_amounts_go_as_text_with_two_places_and_an_unknown_user_not_at_all() -> None:
    with usages(lambda _: Reply(201, None)) as (waldur, script):
        waldur.set_usage("b" * 32, {"mem": Decimal(0), "cpu": Decimal("1E+3")}, at=None)
        waldur.set_parts(RECORD, [UserAmount("joe", Decimal("0.5"))], at=datetime(2026, 11, 3, tzinfo=UTC))
    sent, parts = (json.loads(asked.body) for asked in script.asked)
    assert [(it["type"], it["amount"]) for it in sent["usages"]] == [("cpu", "1000.00"), ("mem", "0.00")]
    assert "date" not in sent
    assert parts == {"usages": [{"username": "joe", "usage": "0.50", "date": "2026-11-03T00:00:00Z"}]}


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({"X-Result-Count": "1"}, True),
        ({"X-Result-Count": "2"}, False),
        ({}, True),
        ({"Link": '<http://x/?page=2>; rel="next"'}, False),
    ],
)
def test_the_first_page_tells_whether_there_are_more(headers: dict[str, str], whole: bool) -> None:
    item = {"uuid": "f" * 32, "username": "joe", "usage": "1.00", "component_usage": f"http://x/{RECORD}/"}
    with usages(lambda _: Reply(body=[item], headers=headers)) as (waldur, script):
        first = waldur.first_rows(MONTH)
        assert first.whole is whole
        assert [(row.record_uuid, row.username) for row in first.rows] == [(RECORD, "joe")]
        assert len(script.asked) == 1


def test_many_at_once_are_given_up_only_where_one_alone_is_taken() -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(404, {"detail": "Not found."})

    learned: set[str] = set()
    with usages(answer, learned) as (waldur, script):
        failures = waldur.set_parts(RECORD, [UserAmount("joe", Decimal(1)), UserAmount("ann", Decimal(2))], at=None)
        assert set(failures) == {"joe", "ann"}
        assert learned == set(), "the record is gone, which says nothing of the action"
        assert len(script.asked) == 3

"""Month ends: every figure lands in the month that it is of, or is not sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from services.reports import Reporter, reporting
from services.scripted_http import Asked, Reply


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def filled(agent: Reporter) -> None:
    """One account, with usage in October, November and December."""
    agent.server.add_resource("a_climate")
    for month, hours in (("2026-10", 10), ("2026-11", 11), ("2026-12", 12)):
        agent.cluster.use(month, "a_climate", jane={"cpu": hours, "gpu": hours})


def go_to(agent: Reporter, now: datetime) -> None:
    agent.now = agent.server.now = now


def dates_sent(agent: Reporter) -> list[str]:
    return [body["date"] for it in agent.server.asked if "date" in (body := json.loads(it.body or "{}"))]


def both(agent: Reporter, month: str) -> tuple[str | None, str | None]:
    """The total of cpu and jane's part."""
    totals, users = agent.server.totals(month), agent.server.users(month)
    return totals.get(("a_climate", "cpu")), users.get(("a_climate", "cpu", "jane"))


def test_the_month_before_is_finished_where_dates_are_honoured() -> None:
    with reporting(at("2026-11-30T20:00:00Z")) as agent:
        filled(agent)
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.00", "11.00")
        go_to(agent, at("2026-12-02T09:00:00Z"))
        agent.restart()
        agent.cluster.use("2026-11", "a_climate", jane={"cpu": 11.5, "gpu": 11})
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.50", "11.50")
        assert both(agent, "2026-12") == ("12.00", "12.00")
        agent.restart()
        assert agent.run().troubles == []
        assert agent.server.writes == []
        assert len(agent.cluster.periods) == 6, "two months a cycle, each read once"


@pytest.mark.parametrize("shows_date", [True, False])
def test_a_server_that_ignores_dates_never_gets_a_past_month(shows_date: bool) -> None:
    with reporting(at("2026-11-30T20:00:00Z"), honours_date=False, shows_date=shows_date, bulk="html") as agent:
        filled(agent)
        agent.run()
        go_to(agent, at("2026-12-02T09:00:00Z"))
        agent.cluster.use("2026-11", "a_climate", jane={"cpu": 99, "gpu": 99})
        for _ in range(2):
            assert agent.run().troubles == []
            assert both(agent, "2026-11") == ("11.00", "11.00")
            assert both(agent, "2026-12") == ("12.00", "12.00")
            assert not any(date.startswith("2026-11") for date in dates_sent(agent))
            agent.restart()
        assert agent.server.writes == []


def test_a_server_that_was_seen_to_ignore_dates_gets_none() -> None:
    with reporting(at("2026-12-02T09:00:00Z"), honours_date=False) as agent:
        filled(agent)
        agent.run()
        assert dates_sent(agent)
        agent.cluster.use("2026-12", "a_climate", jane={"cpu": 13, "gpu": 12})
        agent.run()
        assert both(agent, "2026-12") == ("13.00", "13.00")
        assert dates_sent(agent) == []


def test_a_server_that_shows_no_dates_is_found_out_by_its_age() -> None:
    with reporting(at("2026-12-02T09:00:00Z"), shows_date=False) as agent:
        filled(agent)
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.00", "11.00")
        assert both(agent, "2026-12") == ("12.00", "12.00")


def test_a_past_month_that_went_astray_is_put_right_and_never_tried_again() -> None:
    with reporting(at("2026-12-02T09:00:00Z"), honours_date=False, shows_date=False) as agent:
        filled(agent)
        agent.server.add_resource("a_waves")
        agent.cluster.use("2026-11", "a_waves", ann={"cpu": 1})
        agent.cluster.use("2026-12", "a_waves", ann={"cpu": 2})
        (trouble,) = agent.run().troubles
        assert "put right" in trouble
        assert agent.server.totals("2026-11") == {}
        assert agent.server.totals("2026-12") == {
            ("a_climate", "cpu"): "12.00",
            ("a_climate", "gpu"): "12.00",
            ("a_waves", "cpu"): "2.00",
            ("a_waves", "gpu"): "0.00",
        }
        assert agent.run().troubles == []
        assert agent.server.writes == []


def test_where_past_usage_is_for_staff_only_limits_are_still_reported(caplog: pytest.LogCaptureFixture) -> None:
    with reporting(at("2026-12-02T09:00:00Z"), past_needs_staff=True) as agent:
        filled(agent)
        for _ in range(2):
            assert agent.run().troubles == []
        assert agent.server.writes == []
        assert agent.server.totals("2026-11") == {("a_climate", "gpu"): "11.00"}
        assert agent.server.users("2026-11") == {("a_climate", "gpu", "jane"): "11.00"}
        assert both(agent, "2026-12") == ("12.00", "12.00")
        assert caplog.text.count("takes no past usage") == 1


def test_nothing_is_begun_with_zeros_in_a_past_month() -> None:
    with reporting(at("2026-12-02T09:00:00Z")) as agent:
        agent.server.add_resource("a_new")
        agent.cluster.use("2026-11", "a_new")
        agent.cluster.use("2026-12", "a_new")
        assert agent.run().troubles == []
        assert agent.server.totals("2026-11") == {}
        assert agent.server.totals("2026-12") == {("a_new", "cpu"): "0.00", ("a_new", "gpu"): "0.00"}


@pytest.mark.parametrize("honours", [True, False])
def test_east_of_utc_the_new_month_waits_until_it_has_begun_for_waldur(honours: bool) -> None:
    """At one o'clock in Tallinn it is still November for Waldur, so November's figures land without a date."""
    with reporting(at("2026-12-01T01:00:00+02:00"), honours_date=honours) as agent:
        agent.zone = "Europe/Tallinn"
        filled(agent)
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.00", "11.00")
        assert agent.server.totals("2026-12") == {}
        go_to(agent, at("2026-12-01T02:30:00+02:00"))
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.00", "11.00")
        assert both(agent, "2026-12") == ("12.00", "12.00")


@pytest.mark.parametrize("honours", [True, False])
def test_west_of_utc_the_old_month_is_finished_only_by_date(honours: bool) -> None:
    """At ten in the evening in New York it is December for Waldur already."""
    with reporting(at("2026-11-30T15:00:00-05:00"), honours_date=honours) as agent:
        agent.zone = "America/New_York"
        filled(agent)
        agent.run()
        go_to(agent, at("2026-11-30T22:00:00-05:00"))
        agent.cluster.use("2026-11", "a_climate", jane={"cpu": 11.75, "gpu": 11})
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == (("11.75", "11.75") if honours else ("11.00", "11.00"))
        assert agent.server.totals("2026-12") == {}


@pytest.mark.parametrize("honours", [True, False])
def test_a_cycle_over_midnight_finishes_its_month_or_drops_the_write(honours: bool) -> None:
    with reporting(at("2026-11-30T23:50:00Z"), honours_date=honours) as agent:
        filled(agent)
        agent.run()
        agent.cluster.use("2026-11", "a_climate", jane={"cpu": 11.75, "gpu": 11})
        agent.cluster.meanwhile = lambda: go_to(agent, at("2026-12-01T00:00:30Z"))
        agent.run()
        assert both(agent, "2026-11") == (("11.75", "11.75") if honours else ("11.00", "11.00"))
        assert agent.server.totals("2026-12") == {}
        agent.run()
        assert both(agent, "2026-12") == ("12.00", "12.00")


@pytest.mark.parametrize("honours", [True, False])
def test_midnight_between_two_writes_mixes_no_months(honours: bool) -> None:
    with reporting(at("2026-11-30T23:50:00Z"), honours_date=honours, bulk="html") as agent:
        filled(agent)
        agent.months = 1

        def pass_midnight(asked: Asked) -> Reply | None:
            if asked.method == "POST":
                go_to(agent, agent.now + timedelta(minutes=6))
            return None

        agent.server.fail = pass_midnight
        agent.run()
        assert agent.server.totals("2026-11")["a_climate", "cpu"] == "11.00"
        assert agent.server.totals("2026-12") == {}
        assert agent.server.users("2026-12") == {}


def test_just_before_midnight_nothing_is_sent_that_could_arrive_after_it() -> None:
    with reporting(at("2026-11-30T23:58:30Z"), honours_date=False) as agent:
        filled(agent)
        agent.run()
        assert agent.server.writes == []


def test_right_after_midnight_no_moment_of_the_month_is_old_enough_to_be_sent() -> None:
    with reporting(at("2026-12-01T00:00:10Z")) as agent:
        filled(agent)
        agent.months = 1
        assert agent.run().troubles == []
        assert dates_sent(agent) == []
        assert both(agent, "2026-12") == ("12.00", "12.00")


def test_a_server_whose_clock_is_a_little_behind_takes_the_dates() -> None:
    with reporting(at("2026-12-02T09:00:00Z")) as agent:
        filled(agent)
        agent.server.now -= timedelta(minutes=3)
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.00", "11.00")


def test_a_server_that_refuses_dates_gets_none() -> None:
    with reporting(at("2026-12-02T09:00:00Z"), honours_date=False) as agent:
        filled(agent)
        agent.server.fail = lambda asked: Reply(400, {"date": ["Unknown field."]}) if '"date"' in asked.body else None
        assert agent.run().troubles == []
        assert both(agent, "2026-12") == ("12.00", "12.00")
        agent.cluster.use("2026-12", "a_climate", jane={"cpu": 13, "gpu": 12})
        assert agent.run().troubles == []
        assert dates_sent(agent) == []


def test_a_refusal_that_is_not_the_dates_fault_blames_no_date() -> None:
    with reporting(at("2026-12-02T09:00:00Z")) as agent:
        filled(agent)
        agent.server.fail = lambda asked: Reply(400, ["No agreement to date."]) if "set_usage" in asked.path else None
        assert len(agent.run().troubles) == 1
        agent.server.fail = lambda _asked: None
        assert agent.run().troubles == []
        assert both(agent, "2026-11") == ("11.00", "11.00")


@pytest.mark.parametrize(("months", "days", "now", "expected"), [
    (1, 31, "2026-12-02", ["2026-12"]),
    (2, 31, "2026-12-31", ["2026-12", "2026-11"]),
    (3, 31, "2026-12-02", ["2026-12", "2026-11", "2026-10"]),
    (2, 5, "2026-12-05", ["2026-12", "2026-11"]),
    (2, 5, "2026-12-06", ["2026-12"]),
    (2, 0, "2026-12-01", ["2026-12"]),
])  # fmt: skip
def test_how_many_months_are_looked_at_and_for_how_long(
    months: int, days: int, now: str, expected: list[str]
) -> None:
    with reporting(at(f"{now}T12:00:00Z")) as agent:
        filled(agent)
        agent.months, agent.grace_days = months, days
        assert agent.run().troubles == []
        assert [f"{period.start:%Y-%m}" for period in agent.cluster.periods] == expected
        assert all(both(agent, month)[0] for month in expected)


def test_one_months_trouble_is_not_the_others() -> None:
    with reporting(at("2026-12-02T09:00:00Z")) as agent:
        filled(agent)
        del agent.cluster.used["2026-11"]
        agent.months = 3
        (trouble,) = agent.run().troubles
        assert "2026-11" in trouble
        assert both(agent, "2026-10") == ("10.00", "10.00")
        assert both(agent, "2026-12") == ("12.00", "12.00")

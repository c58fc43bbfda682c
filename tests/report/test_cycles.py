"""What Waldur is told of usage, on servers of several kinds that the agent does not know beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from services.plain_waldur import PlainWaldur
from services.reports import Reporter, reporting
from services.scripted_http import Asked, Reply

NOVEMBER = datetime(2026, 11, 25, 12, 0, 3, tzinfo=UTC)
OLD = {"honours_date": False, "bulk": "html"}
"""As of 2024."""


@pytest.fixture(params=[{}, OLD], ids=["today", "2024"])
def agent(request: pytest.FixtureRequest) -> Iterator[Reporter]:
    with reporting(NOVEMBER, **request.param) as reporter:
        reporter.server.add_resource("a_climate")
        reporter.server.add_resource("a_waves")
        reporter.server.accounts["jane"] = "d" * 32
        reporter.cluster.use("2026-11", "a_climate", jane={"cpu": 10.004, "gpu": 1}, joe={"cpu": 2.346})
        reporter.cluster.use("2026-11", "a_waves")
        reporter.months = 1
        yield reporter


def test_totals_and_members_arrive_and_nothing_is_written_twice(agent: Reporter) -> None:
    assert agent.run().troubles == []
    assert agent.server.writes.count("set_usage") == 2
    assert agent.server.totals("2026-11") == {
        ("a_climate", "cpu"): "12.35",
        ("a_climate", "gpu"): "1.00",
        ("a_waves", "cpu"): "0.00",
        ("a_waves", "gpu"): "0.00",
    }
    assert agent.server.users("2026-11") == {
        ("a_climate", "cpu", "jane"): "10.00",
        ("a_climate", "cpu", "joe"): "2.35",
        ("a_climate", "gpu", "jane"): "1.00",
    }
    agent.restart()
    assert (agent.run().troubles, agent.server.writes) == ([], [])
    assert agent.plan()["items"] == []


def test_members_whom_waldur_knows_are_linked_and_others_are_not(agent: Reporter) -> None:
    agent.run()
    links = {row["username"]: row["user"] for row in agent.server.rows.values()}
    assert links["jane"].endswith(f"/api/marketplace-offering-users/{'d' * 32}/")
    assert links["joe"] is None


def test_only_the_account_that_changed_is_written(agent: Reporter) -> None:
    agent.run()
    agent.restart()
    agent.cluster.use("2026-11", "a_climate", jane={"cpu": 11, "gpu": 1}, joe={"cpu": 2.346})
    assert agent.run().troubles == []
    bulk = agent.server.bulk == "works"
    assert agent.server.writes == [
        *(["set_user_usages"] if bulk else ["set_user_usages", "set_user_usage"]),
        "set_usage",
    ]
    assert '"jane"' in agent.server.asked[-2].body
    assert '"joe"' not in agent.server.asked[-2].body, "his figure is the same"
    assert agent.server.totals("2026-11")["a_climate", "cpu"] == "13.35"


def test_a_decrease_is_refused_with_both_figures_until_it_is_allowed(agent: Reporter) -> None:
    agent.run()
    agent.cluster.use("2026-11", "a_climate", jane={"cpu": 10.004, "gpu": 0.5}, joe={"cpu": 50})
    agent.cluster.use("2026-11", "a_waves", ann={"cpu": 1})
    (trouble,) = agent.run().troubles
    assert "gpu from 1.00 to 0.50" in trouble
    assert agent.server.totals("2026-11")["a_climate", "cpu"] == "12.35", "the whole account waits for a person"
    assert agent.server.totals("2026-11")["a_waves", "cpu"] == "1.00", "the others do not"
    (held,) = agent.plan()["items"]
    assert (held["held"], held["account"]) == (True, "a_climate")
    agent.settings = {"allow_usage_decrease": frozenset({"a_climate"})}
    assert agent.run().troubles == []
    assert agent.server.totals("2026-11")["a_climate", "gpu"] == "0.50"


def test_a_name_that_the_cluster_does_not_know_any_more_does_not_count_twice(agent: Reporter) -> None:
    agent.run()
    agent.cluster.use("2026-11", "a_climate", jane_doe={"cpu": 10.004, "gpu": 1}, joe={"cpu": 2.346})
    assert agent.run().troubles == []
    assert agent.server.users("2026-11")["a_climate", "cpu", "jane"] == "0.00"
    assert agent.server.users("2026-11")["a_climate", "cpu", "jane_doe"] == "10.00"


def test_an_account_that_is_not_there_is_told_and_billed_nothing(agent: Reporter) -> None:
    agent.server.add_resource("a_gone")
    (trouble,) = agent.run().troubles
    assert "a_gone" in trouble
    assert "does not exist" in trouble
    assert not any(account == "a_gone" for account, _ in agent.server.totals("2026-11"))


def test_usage_that_could_not_be_read_is_not_written(agent: Reporter) -> None:
    agent.cluster.used.clear()
    (trouble,) = agent.run().troubles
    assert "nothing is known of 2026-11" in trouble
    assert agent.server.writes == []


def test_components_that_waldur_does_not_bill_are_named_once_and_left_out(
    agent: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    agent.server.components["gpu"] = "fixed"
    assert [agent.run().troubles for _ in range(2)] == [[], []]
    assert {component for _, component in agent.server.totals("2026-11")} == {"cpu"}
    assert caplog.text.count("component gpu is left out") == 1


def test_an_erred_resource_is_set_ok_only_when_there_is_something_to_write(agent: Reporter) -> None:
    uuid = next(uuid for uuid, it in agent.server.resources.items() if it["backend_id"] == "a_climate")
    agent.run()
    agent.server.resources[uuid]["state"] = "Erred"
    agent.run()
    assert agent.server.resources[uuid]["state"] == "Erred"
    agent.cluster.use("2026-11", "a_climate", jane={"cpu": 20, "gpu": 1}, joe={"cpu": 2.346})
    assert agent.run().troubles == []
    assert agent.server.resources[uuid]["state"] == "OK"
    assert agent.server.totals("2026-11")["a_climate", "cpu"] == "22.35"


def test_an_erred_resource_without_an_account_stays_erred(agent: Reporter) -> None:
    uuid = agent.server.add_resource("a_gone", state="Erred")
    assert len(agent.run().troubles) == 1
    assert agent.server.resources[uuid]["state"] == "Erred"


def test_several_records_after_a_change_of_plan_are_left_to_a_person(agent: Reporter) -> None:
    agent.run()
    uuid = next(uuid for uuid, it in agent.server.resources.items() if it["backend_id"] == "a_climate")
    twin = {"uuid": "e" * 32, "usage": 3, "description": "", "date": "2026-11-03T00:00:00Z"}
    agent.server.records[uuid, "cpu", "2026-11-01, second plan"] = twin
    (trouble,) = agent.run().troubles
    assert "several records of cpu" in trouble
    assert agent.server.writes == []


@pytest.mark.parametrize("bulk", ["works", "html", "json", "400"])
def test_how_members_are_taken_is_found_out_once(bulk: str) -> None:
    with reporting(NOVEMBER, bulk=bulk) as agent:
        for name in ("a_one", "a_two"):
            agent.server.add_resource(name)
            agent.cluster.use("2026-11", name, jane={"cpu": 1}, joe={"cpu": 2})
        agent.months = 1
        assert agent.run().troubles == []
        assert len(agent.server.users("2026-11")) == 4
        for name in ("a_one", "a_two"):
            agent.cluster.use("2026-11", name, jane={"cpu": 3}, joe={"cpu": 4})
        assert agent.run().troubles == []
        assert agent.server.users("2026-11")["a_two", "cpu", "joe"] == "4.00"
        expected = ["set_user_usages"] * 2 if bulk == "works" else ["set_user_usage"] * 4
        assert sorted(agent.server.writes) == sorted([*expected, "set_usage", "set_usage"])


def test_one_members_refusal_is_that_members_alone(agent: Reporter) -> None:
    def refuse(asked: Asked) -> Reply | None:
        return Reply(400, {"username": ["No."]}) if '"joe"' in asked.body else None

    agent.server.fail = refuse
    (trouble,) = agent.run().troubles
    assert "joe (cpu)" in trouble
    assert agent.server.totals("2026-11")["a_climate", "cpu"] == "12.35"
    assert agent.server.users("2026-11")["a_climate", "cpu", "jane"] == "10.00"


def test_a_refused_total_is_told_with_the_servers_words_and_stops_nobody_else(agent: Reporter) -> None:
    uuid = next(uuid for uuid, it in agent.server.resources.items() if it["backend_id"] == "a_climate")
    body = ["Total amount exceeds limit. Total amount: 12.35, limit: 10."]
    agent.server.fail = lambda asked: Reply(400, body) if uuid in asked.body else None
    (trouble,) = agent.run().troubles
    assert "exceeds limit" in trouble
    assert agent.server.totals("2026-11") == {("a_waves", "cpu"): "0.00", ("a_waves", "gpu"): "0.00"}


@pytest.mark.parametrize("part", ["set_usage", "set_user_usage"])
@pytest.mark.parametrize("times", [1, 10_000])
def test_a_server_in_trouble_gets_the_rest_in_the_next_cycle(agent: Reporter, part: str, times: int) -> None:
    left = [times]

    def fail(asked: Asked) -> Reply | None:
        if asked.method != "POST" or f"/{part}" not in asked.path or not left[0]:
            return None
        left[0] -= 1
        return Reply(500, "<h1>oops</h1>", content_type="text/html")

    agent.server.fail = fail
    assert bool(agent.run().troubles) is (times > 1)
    left[0] = 0
    agent.restart()
    assert agent.run().troubles == []
    assert len(agent.server.totals("2026-11")) == 4
    assert len(agent.server.users("2026-11")) == 3
    assert all(record["description"] == "" for record in agent.server.records.values())
    agent.restart()
    agent.run()
    assert agent.server.writes == []


def test_totals_do_not_wait_for_members_and_the_record_says_that_they_are_missing(agent: Reporter) -> None:
    agent.run()
    agent.cluster.use("2026-11", "a_climate", jane={"cpu": 30, "gpu": 1}, joe={"cpu": 2.346})
    agent.server.fail = lambda asked: Reply(503, {}) if "set_user_usage" in asked.path else None
    assert len(agent.run().troubles) == 1
    assert agent.server.totals("2026-11")["a_climate", "cpu"] == "32.35"
    assert {record["description"] for record in agent.server.records.values()} > {""}
    agent.server.fail = lambda _asked: None
    agent.restart()
    assert agent.run().troubles == []
    assert agent.server.users("2026-11")["a_climate", "cpu", "jane"] == "30.00"
    assert {record["description"] for record in agent.server.records.values()} == {""}


def test_a_server_that_ignores_filters_is_understood_all_the_same(agent: Reporter) -> None:
    stranger = PlainWaldur(NOVEMBER)
    uuid = stranger.add_resource("a_foreign")
    agent.server.filters = False
    agent.server.resources[uuid] = {**stranger.resources[uuid], "state": "Terminated"}
    agent.server.records[uuid, "cpu", "2026-11-01"] = {"uuid": "f" * 32, "usage": 99, "date": "2026-11-01T00:00:00Z"}
    agent.server.rows["f" * 32, "jane"] = {
        "uuid": "9" * 32,
        "component_usage": f"http://x/api/marketplace-component-usages/{'f' * 32}/",
        "username": "jane",
        "usage": 99,
    }
    assert agent.run().troubles == []
    assert agent.server.users("2026-11")["a_climate", "cpu", "jane"] == "10.00"
    agent.restart()
    agent.run()
    assert agent.server.writes == []

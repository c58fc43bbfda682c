"""Components in Waldur as the configuration has them: created, changed, left alone, and told when refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from services.agent_runs import AgentRuns, Ended, writes
from services.scripted_http import Asked, Reply, Script, scripted
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.server import EmulatorServer

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]

COMPONENTS: dict[str, dict[str, Any]] = {
    "cpu": {"measured_unit": "k-Hours", "unit_factor": 60000, "accounting_type": "usage", "label": "CPU"},
    "mem": {
        "measured_unit": "gb-Hours",
        "unit_factor": 61440,
        "accounting_type": "usage",
        "label": " RAM ",
        "limit": 10,
    },
    "gres/fpga": {"measured_unit": "h", "accounting_type": "limit", "label": "FPGA"},
}


def load(agent: AgentRuns, *arguments: str, **changed: Any) -> Ended:
    agent.write_config(backend_components=COMPONENTS, **changed)
    return agent.run("load-components", "--json", *arguments)


def what(ended: Ended) -> dict[str, str]:
    (part,) = ended.json["offerings"]
    return {item["type"]: item["what"] for item in part["components"]}


def test_they_become_those_of_the_configuration_and_the_second_run_changes_nothing(
    make_server: MakeServer, agent_of: AgentOf
) -> None:
    server = make_server()
    agent = agent_of(server)
    first = load(agent)
    assert first.status == 0
    assert what(first) == {"cpu": "updated", "mem": "created", "gres/fpga": "created", "gres/gpu": "unchanged"}
    there = server.state.offering().components
    assert {kind: (it.name, it.billing_type, it.measured_unit) for kind, it in there.items()} == {
        "cpu": ("CPU", "usage", "k-Hours"),
        "mem": ("RAM", "usage", "gb-Hours"),
        "gres/fpga": ("FPGA", "limit", "h"),
        "gres/gpu": ("gres/gpu", "limit", "GPU-Hours"),
    }
    assert (there["mem"].limit_amount, there["mem"].unit_factor) == (Decimal(10), 61440)
    assert len(writes(server)) == 3
    second = load(agent)
    assert (second.status, set(what(second).values()), len(writes(server))) == (0, {"unchanged"}, 3)


def test_a_dry_run_shows_it_and_does_nothing(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server()
    agent = agent_of(server)
    shown = load(agent, "--dry-run")
    assert shown.status == 3
    assert what(shown) == {"cpu": "update", "mem": "create", "gres/fpga": "create", "gres/gpu": "unchanged"}
    assert writes(server) == []
    table = agent.run("load-components", "--dry-run").out.splitlines()
    assert table[0].split() == ["OFFERING", "COMPONENT", "WHAT", "BEFORE", "AFTER", "NOTE"]
    assert "name=cpu" in table[1]
    assert "name=CPU" in table[1]
    assert load(agent).status == 0
    assert load(agent, "--dry-run").status == 0


def test_what_the_configuration_does_not_say_is_not_overwritten(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server()
    component = server.state.offering().components["cpu"]
    component.limit_period, component.limit_amount = "month", Decimal(7)
    component.extra["article_code"] = "HPC-1"
    ended = load(agent_of(server))
    assert (component.name, component.limit_period, component.limit_amount) == ("CPU", "month", Decimal(7))
    assert component.extra["article_code"] == "HPC-1"
    (part,) = ended.json["offerings"]
    assert part["components"][0]["note"] == "limit_amount 7 stays: the configuration has no limit"


def test_one_that_is_refused_is_told_and_does_not_stop_the_rest(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server()
    agent = agent_of(server)
    agent.write_config(backend_components={**COMPONENTS, "cpu": {**COMPONENTS["cpu"], "measured_unit": "x" * 31}})
    ended = agent.run("load-components", "--json")
    assert ended.status == 1
    assert what(ended) == {"cpu": "failed", "mem": "created", "gres/fpga": "created", "gres/gpu": "unchanged"}
    assert "no more than 30 characters" in ended.json["offerings"][0]["components"][0]["note"]


def test_an_answer_that_is_lost_does_not_make_two(make_server: MakeServer, agent_of: AgentOf) -> None:
    lost = Fault.model_validate({"kind": "drop-after", "path": "create_offering_component", "nth": 1})
    server = make_server([lost])
    ended = load(agent_of(server))
    assert ended.status == 0
    assert writes(server).count("create_offering_component") == 2


# ---------------------------------------------------------------- servers of 2024, by their recorded answers

RECORDED = {
    "uuid": "3c482a5334e149d7bf4edd65c6c4db64",
    "billing_type": "usage",
    "type": "cpu",
    "name": "Cores",
    "description": "",
    "measured_unit": "k-Hours",
    "limit_period": "",
    "limit_amount": None,
    "article_code": "",
    "max_value": None,
    "min_value": None,
    "max_available_limit": None,
    "is_boolean": False,
    "default_limit": None,
    "factor": None,
    "is_builtin": False,
}
ERROR_PAGE = '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n</html>\n'


class Older:
    """An offering of a server of 2024: no ``unit_factor``, whole amounts, and 500 for a type that is there."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.components = [dict(RECORDED)]
        self.deaf = deaf

    def __call__(self, asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(body={"uuid": "0a" * 16, "components": self.components})
        body = json.loads(asked.body)
        if asked.path.endswith("/update_offering_component/"):
            return self.update(body)
        if body["type"] in [it["type"] for it in self.components]:
            return Reply(500, ERROR_PAGE, content_type="text/html; charset=utf-8")
        if not isinstance(body.get("limit_amount", 0), int):
            return Reply(400, {"limit_amount": ["A valid integer is required."]})
        known = {key: value for key, value in body.items() if key in RECORDED}
        self.components.append({**RECORDED, "uuid": f"{len(self.components):032x}", **known})
        return Reply(201)

    def update(self, body: dict[str, Any]) -> Reply:
        if "uuid" not in body:
            return Reply(400, {"details": "UUID for offering component was not provided."})
        (component,) = [it for it in self.components if it["uuid"] == body["uuid"]]
        component.update({} if self.deaf else {key: value for key, value in body.items() if key in RECORDED})
        return Reply(200)


@contextmanager
def older(agent_of: AgentOf, server: EmulatorServer, answer: Older) -> Iterator[tuple[AgentRuns, Script]]:
    agent = agent_of(server)
    with scripted(answer) as script:
        agent.write_config(backend_components=COMPONENTS, waldur_api_url=script.url)
        yield agent, script


def test_an_older_server_is_loaded_and_the_second_run_changes_nothing(
    make_server: MakeServer, agent_of: AgentOf
) -> None:
    with older(agent_of, make_server(), Older()) as (agent, script):
        first = agent.run("load-components", "--json")
        assert (first.status, what(first)) == (0, {"cpu": "updated", "mem": "created", "gres/fpga": "created"})
        update = next(json.loads(it.body) for it in script.asked if it.path.endswith("/update_offering_component/"))
        assert update == {
            "uuid": RECORDED["uuid"],
            "type": "cpu",
            "name": "CPU",
            "billing_type": "usage",
            "measured_unit": "k-Hours",
        }
        script.asked.clear()
        second = agent.run("load-components", "--json")
        assert (second.status, {it.method for it in script.asked}) == (0, {"GET"})


def test_a_server_that_says_yes_and_does_nothing_is_found_out(make_server: MakeServer, agent_of: AgentOf) -> None:
    with older(agent_of, make_server(), Older(deaf=True)) as (agent, _):
        ended = agent.run("load-components", "--json")
    assert ended.status == 1
    assert what(ended) == {"cpu": "failed", "mem": "created", "gres/fpga": "created"}
    assert "still has name 'Cores'" in ended.err


@pytest.mark.parametrize(("status", "body"), [(404, {"detail": "Not found."}), (200, {"uuid": "0a" * 16})])
def test_what_cannot_be_read_is_not_absent(
    make_server: MakeServer, agent_of: AgentOf, status: int, body: dict[str, str]
) -> None:
    agent = agent_of(make_server())
    with scripted(lambda _: Reply(status, body)) as script:
        agent.write_config(backend_components=COMPONENTS, waldur_api_url=script.url)
        ended = agent.run("load-components", "--json")
        assert {it.method for it in script.asked} == {"GET"}
    assert ended.status == 1
    assert ended.json["offerings"][0]["trouble"]

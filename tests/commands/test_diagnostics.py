"""``diagnostics``: everything that the agent sees, of all offerings, and no token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml
from services.agent_runs import AgentRuns
from waldur_agent.emulator.server import EmulatorServer

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


def test_all_is_told_and_0_where_all_is_well(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(creates=2)
    agent = agent_of(server)
    assert agent.run("load-components").status == 0
    ended = agent.run("diagnostics", "--json")
    assert ended.status == 0
    told = ended.json
    assert (told["healthy"], told["timezone"], told["sentry"]) == (True, "UTC", "off")
    (offering,) = told["offerings"]
    assert offering["settings"]["order_processing_backend"] == "sandbox"
    assert offering["settings"]["waldur_api_token"] == "(hidden)"
    assert offering["user"]["username"] == "site-agent"
    assert [role["role_name"] for role in offering["user"]["roles"]] == ["CUSTOMER.OWNER"]
    assert offering["waldur"] == {"name": "HPC cluster", "organisation": "HPC Centre", "state": "Active"}
    assert {(it["type"], it["name"], it["measured_unit"]) for it in offering["components"]} == {
        ("gres/gpu", "GPU", "GPU-Hours"),
        ("cpu", "CPU", "k-Hours"),
    }
    assert [(it["type"], it["state"], it["project"]) for it in offering["orders"]] == [
        ("Create", "pending-provider", "Project 0"),
        ("Create", "pending-provider", "Project 1"),
    ]
    text = agent.run("diagnostics").out
    assert server.token not in ended.out + ended.err + text
    for word in ("Its roles", "CUSTOMER.OWNER", "Open orders", "HPC Centre", "(hidden)", "good"):
        assert word in text


def test_nothing_is_changed_by_it(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(creates=1)
    agent_of(server).run("diagnostics")
    assert {it.method for it in server.requests.all()} == {"GET"}


def test_one_bad_offering_does_not_hide_the_others(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server()
    agent = agent_of(server)
    path = agent.write_config()
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    (good,) = document["offerings"]
    bad = {**good, "name": "Dark", "waldur_api_url": "http://127.0.0.1:9/api/"}
    empty = {**good, "name": "New", "waldur_offering_uuid": ""}
    document["offerings"] = [bad, empty, good]
    path.write_text(yaml.safe_dump(document))
    assert agent.run("load-components").status == 2
    ended = agent.run("diagnostics", "--json")
    assert ended.status == 1
    findings = [finding for offering in ended.json["offerings"] for finding in offering["findings"]]
    assert {finding["offering"] for finding in findings if not finding["good"]} >= {"Dark", "New"}
    assert "refused" in next(finding["detail"] for finding in findings if finding["what"] == "Waldur")
    assert ended.json["offerings"][2]["waldur"]["name"] == "HPC cluster"


def test_components_that_waldur_lacks_are_told_with_the_remedy(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server()
    del server.state.offering().components["cpu"]
    ended = agent_of(server).run("check", "--json")
    assert ended.status == 1
    (bad,) = [finding for finding in ended.json if not finding["good"]]
    assert (bad["detail"], bad["remedy"]) == ("not there: cpu", "run waldur-agent load-components")

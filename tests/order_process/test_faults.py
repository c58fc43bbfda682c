"""Waldur and the line to it fail: nothing is lost, nothing is done twice, nobody is blamed for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from services.agent_runs import AgentRuns, order_states, repeated, writes
from services.generations import EVERY_SERVER
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.server import EmulatorServer

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


def fault(kind: str, **arguments: object) -> Fault:
    return Fault.model_validate({"kind": kind, **arguments})


@pytest.mark.parametrize("seed", [1, 2])
def test_with_every_twentieth_answer_lost_all_orders_are_done_within_three_runs(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, seed: int
) -> None:
    server = make_server(creates=50)
    server.faults.reseed(seed)
    for kind in ("status", "status-after", "drop-before", "drop-after", "truncate"):
        server.faults.add(fault(kind, probability=0.02))
    agent = agent_of(server)
    statuses = [agent.once().status for _ in range(3) if set(order_states(server)) != {"done"}]
    assert order_states(server) == ["done"] * 50
    assert len(statuses) <= 3
    assert len([name for name in sandbox.accounts() if name.startswith("a_")]) == 50
    assert len(sandbox.members()) == 150


@pytest.mark.parametrize("action", ["approve_by_provider", "set_backend_id", "set_state_done"])
@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "status", "status-after"])
def test_a_lost_answer_to_an_action_is_settled_in_the_same_run(
    make_server: MakeServer, agent_of: AgentOf, action: str, kind: str
) -> None:
    server = make_server([fault(kind, method="POST", path=action, nth=1)], creates=2)
    assert agent_of(server).once().status == 0
    assert order_states(server) == ["done", "done"]
    had_effect = kind.endswith("after")
    paths = [request.path for request in server.requests.all() if request.path.rstrip("/").endswith(action)]
    assert bool(repeated(paths)) is not had_effect


@pytest.mark.parametrize(
    "trouble",
    [
        fault("status", status=401, body={"detail": "Invalid token."}),
        fault("status", status=403, body={"detail": "You do not have permission to perform this action."}),
        fault("status", status=502),
        fault("short-page", path="marketplace-orders"),
        fault("empty-page", path="marketplace-orders"),
        fault("duplicate-page", path="marketplace-orders"),
        fault("truncate"),
        fault("drop-after"),
    ],
    ids=["401", "403", "502", "half a page", "an empty page", "a page twice", "cut", "dropped"],
)
def test_orders_that_cannot_be_read_stay_as_they_are(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, trouble: Fault
) -> None:
    server = make_server([trouble.model_copy(update={"method": "GET"})], creates=120)
    ended = agent_of(server).once()
    assert ended.status == 1
    assert set(order_states(server)) == {"pending-provider"}
    assert sandbox.accounts() == {}
    assert writes(server) == []
    assert "Traceback" not in ended.err
    assert len([line for line in ended.err.splitlines() if " ERROR " in line]) == 1


def test_an_order_that_makes_no_sense_keeps_no_other_waiting(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(creates=3)
    with server.state.lock:
        odd, *others = server.state.orders.values()
        odd.limits = {"gres/gpu": 10**24}
    agent = agent_of(server)
    assert any(
        f"order {odd.uuid} makes no sense" in text for text in agent.plan("--json").json["offerings"][0]["troubles"]
    )
    ended = agent.once()
    assert ended.status == 1
    assert [order.state for order in others] == ["done"] * 2
    assert odd.state == "pending-provider"
    assert ended.err.count(f"order {odd.uuid} makes no sense, and is left alone: the limit of 'gres/gpu'") == 1


@pytest.mark.parametrize("path", ["offering-users", "/team/"])
@pytest.mark.parametrize("status", [403, 502])
def test_members_that_cannot_be_read_hold_no_order_up(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, path: str, status: int
) -> None:
    server = make_server([fault("status", status=status, path=path)], creates=1)
    ended = agent_of(server).once()
    assert order_states(server) == ["done"]
    assert "a_new-0" in sandbox.accounts()
    assert sandbox.members() == set()
    assert "nobody is added" in ended.err


def test_a_backend_that_cannot_be_read_leaves_the_orders_unapproved(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=2)
    moved = sandbox.path.rename(sandbox.path.with_suffix(".away"))
    ended = agent_of(server).once()
    assert ended.status == 1
    assert order_states(server) == ["pending-provider"] * 2
    assert writes(server) == []
    moved.rename(sandbox.path)
    assert agent_of(server).once().status == 0
    assert order_states(server) == ["done"] * 2


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path, make_server: MakeServer, agent_of: AgentOf) -> None:
    agent = agent_of(make_server())
    agent.write_config(waldur_api_url="http://127.0.0.1:9/api/")
    ended = agent.once()
    assert ended.status == 1
    (line,) = [line for line in ended.err.splitlines() if " ERROR " in line]
    assert "http://127.0.0.1:9/api/marketplace-orders/" in line
    assert "refused" in line


def test_one_offering_that_cannot_be_served_does_not_stop_the_other(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    import yaml

    server = make_server(creates=1)
    agent = agent_of(server)
    path = agent.write_config()
    document = yaml.safe_load(path.read_text())
    away = {
        **document["offerings"][0],
        "name": "Away",
        "waldur_api_url": "http://127.0.0.1:9/api/",
        "waldur_offering_uuid": "9" * 31 + "a",
    }
    document["offerings"].insert(0, away)
    path.write_text(yaml.safe_dump(document))
    assert agent.once().status == 1
    assert order_states(server) == ["done"]

"""``report`` as it is typed: a sandbox on one side, an emulated Waldur on the other, and processes are killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from services.agent_runs import AgentRuns, finished, kill, writes
from services.generations import EVERY_SERVER
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.profile import Profile
from waldur_agent.emulator.server import EmulatorServer

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]
Settled = Callable[..., tuple[EmulatorServer, AgentRuns]]


@pytest.fixture
def settled(make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster) -> Settled:
    """Accounts with members, and a job of each of two of them that ended this month."""

    def settle(creates: int = 1) -> tuple[EmulatorServer, AgentRuns]:
        server = make_server(creates=creates, projects=1)
        agent = agent_of(server)
        assert agent.once().status == 0
        for number in range(creates):
            work(sandbox, f"a_new-{number}", "user0", hours=10)
            work(sandbox, f"a_new-{number}", "user1", hours=5)
        server.requests.clear()
        return server, agent

    return settle


def work(sandbox: SandboxCluster, account: str, user: str, *, hours: int) -> None:
    """So many hours of 1,000 cores and 2 GPUs, squeezed into what this month has had of minutes."""
    now = datetime.now(UTC)
    minutes = min(60, max(1, int((now - now.replace(day=1, hour=0, minute=0)).total_seconds() // 60)))
    scale = hours * 60 // minutes
    sandbox.run_job(account, user, ended=now, minutes=minutes, cpu=1000 * scale, gpu=2 * scale)


def told(server: EmulatorServer) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Totals by component and persons' parts by component and name, of ``new-0``."""
    with server.state.lock:
        records = server.state.usages_of(server.state.resource("new-0"))
        parts = {
            (record.component.type, row.username): str(row.usage)
            for record in records
            for row in server.state.user_usages_of(record)
        }
        return {record.component.type: str(record.usage) for record in records}, parts


TOTALS = {"cpu": "15.00", "gres/gpu": "30.00"}
PARTS = {
    ("cpu", "user0"): "10.00",
    ("cpu", "user1"): "5.00",
    ("gres/gpu", "user0"): "20.00",
    ("gres/gpu", "user1"): "10.00",
}


def test_first_second_and_changed(settled: Settled, sandbox: SandboxCluster) -> None:
    server, agent = settled()
    assert agent.report().status == 0
    assert told(server) == (TOTALS, PARTS)
    server.requests.clear()
    assert agent.report().status == 0
    assert writes(server) == []
    work(sandbox, "a_new-0", "user1", hours=1)
    plan = agent.run("plan", "-m", "report", "--json")
    (item,) = plan.json["offerings"][0]["items"]
    assert (plan.status, item["account"]) == (3, "a_new-0")
    assert [(it["kind"], it["before"], it["after"]) for it in item["changes"]] == [
        ("report_usage", "cpu=15.00", "cpu=16.00"),
        ("report_usage", "gres/gpu=30.00", "gres/gpu=32.00"),
        ("report_user_usage", "user1 cpu=5.00", "user1 cpu=6.00"),
        ("report_user_usage", "user1 gres/gpu=10.00", "user1 gres/gpu=12.00"),
    ]
    assert writes(server) == []
    ended = agent.report()
    assert ended.status == 0
    assert "cpu 15.00 -> 16.00" in ended.err


def test_killed_at_any_write_the_next_start_writes_the_rest(settled: Settled, profile: Profile) -> None:
    server, agent = settled()
    for nth in range(1, 10):
        with server.state.lock:
            for table in (server.state.usages, server.state.user_usages):
                table.clear()
            server.state.usages_of(server.state.resource("new-0")).clear()
        server.faults.replace([Fault(kind="latency", seconds=60, method="POST", nth=nth)])
        process = agent.start("-m", "report", "--once")
        end = time.monotonic() + 30
        while process.poll() is None and not any(rule["hit"] for rule in server.faults.report()):
            assert time.monotonic() < end
            time.sleep(0.01)
        if process.poll() is not None:
            finished(process)
            break
        kill(process)
        server.faults.clear()
        assert agent.report().status == 0
        assert told(server) == (TOTALS, PARTS)
    # A total and the users of two components; else a total, what is not there, and each of two users twice.
    assert nth - 1 == (3 if "usages.set_user_usages" not in profile.lacks else 6)


def test_a_missing_account_makes_the_status_1_and_the_others_are_reported(
    settled: Settled, sandbox: SandboxCluster
) -> None:
    server, agent = settled(creates=2)
    sandbox.remove_account("a_new-1")
    ended = agent.report()
    assert ended.status == 1
    assert "a_new-1" in ended.err
    assert told(server) == (TOTALS, PARTS)
    assert server.state.resource("new-1").state == "OK"


def test_limits_of_the_cluster_are_told_once(settled: Settled, sandbox: SandboxCluster, profile: Profile) -> None:
    server, agent = settled()
    sandbox.set_limit("a_new-0", "gres/gpu", "1234")
    assert agent.report().status == 0
    taken = "resources.set_limits" not in profile.lacks
    assert float(server.state.resource("new-0").limits["gres/gpu"]) == (20.57 if taken else 10)
    server.requests.clear()
    assert agent.report().status == 0
    # Where Waldur cannot be told, the next process asks again, and once.
    assert writes(server) == ([] if taken else ["set_limits"])


def test_an_offering_with_events_is_reported_as_well(settled: Settled) -> None:
    server, agent = settled()
    agent.write_config(stomp_enabled=True)
    ended = agent.report()
    assert ended.status == 0, ended.err
    assert told(server) == (TOTALS, PARTS)

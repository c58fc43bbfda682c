"""How many requests a cycle takes: the formula of the documentation, held to."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable

import pytest
from services.agent_runs import AgentRuns, finished
from services.generations import EVERY_SERVER
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.profile import Profile
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.waldur.connection import CONCURRENCY

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


def requests_of_a_cycle(resources: int, users: int, projects: int) -> int:
    """``docs/membership.md`` has the same in words."""
    return math.ceil(resources / 100) + math.ceil(users / 100) + projects + 1 + resources


def asked(server: EmulatorServer, end: str) -> int:
    """How many requests had a path with this end."""
    return [it.path.endswith(end) for it in server.requests.all()].count(True)


@pytest.mark.parametrize(("resources", "people", "projects"), [(3, 2, 1), (120, 3, 7), (20, 130, 2)])
def test_a_steady_cycle_takes_as_many_requests_as_the_documentation_says(
    make_server: MakeServer,
    agent_of: AgentOf,
    sandbox: SandboxCluster,
    profile: Profile,
    resources: int,
    people: int,
    projects: int,
) -> None:
    server = make_server(creates=resources, people=people, projects=projects)
    agent = agent_of(server)
    assert agent.once().status == 0
    assert agent.sync().status == 0
    server.requests.clear()
    assert agent.sync().status == 0
    with server.state.lock:
        users = len(server.state.offering_users)
    # A process asks once more than a cycle: whether teams can differ within a project.
    expected = requests_of_a_cycle(resources, users, projects) + 1
    times = asked(server, "refresh_last_sync/")
    if "resources.refresh_last_sync" in profile.lacks:
        # Where no time can be told, a process asks for it once, or as often as it asks at the same time.
        assert 1 <= times <= CONCURRENCY
    else:
        assert times == resources
    assert len(server.requests.all()) - times == expected - resources
    assert sandbox.members()


def test_what_a_server_lacks_is_asked_once_by_a_process(
    make_server: MakeServer, agent_of: AgentOf, profile: Profile
) -> None:
    server = make_server(creates=1, projects=1)
    agent = agent_of(server)
    assert agent.once().status == 0
    server.requests.clear()
    period = {"WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES": "0.002"}
    process = agent.start("-m", "membership_sync", environ=period)
    end = time.monotonic() + 30
    while asked(server, "team/") < 3:
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    finished(process, 5)
    assert asked(server, "list_users/") == 1
    times = asked(server, "refresh_last_sync/")
    assert times == 1 if "resources.refresh_last_sync" in profile.lacks else times >= 2

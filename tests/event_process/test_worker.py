"""The working thread of one offering by itself: what it takes, what it reads, what it keeps for later."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from services.agent_runs import AgentRuns, leave, order_states
from services.sandbox_cluster import SandboxCluster
from waldur_agent.config import load
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.rules.orders import order_update
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.modes.event_process.pending import MOST, Pending
from waldur_agent.modes.event_process.worker import LOOKS, Worker
from waldur_agent.modes.focus import Hint, Kind
from waldur_agent.registry import Registry
from waldur_agent.service import Service

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A worker whose thread is the test's."""

    def __init__(self, server: EmulatorServer, agent: AgentRuns, **keys: Any) -> None:
        path = agent.write_config(stomp_enabled=True, **keys)
        registry = Registry.discover()
        jobs = Service(load(path, registry=registry), registry, "event_process", {}).prepare()
        self.server, self.agent, self.clock = server, agent, Clock()
        self.worker = Worker(
            jobs[0].offering,
            {job.mode.role: job for job in jobs},
            threading.Event(),
            verify=True,
            period=3600,
            pending=Pending(self.clock),
        )

    def say(self, source_type: str, **payload: Any) -> None:
        self.worker.heard(source_type, json.dumps(payload).encode())

    def work(self, seconds: float = 0) -> list[str]:
        """Work off what is due after so long; gives the requests that it took."""
        self.clock.now += seconds
        self.server.requests.clear()
        if batch := self.worker.pending.take(0):
            self.worker.work(batch)
        return [f"{it.method} {it.path.removeprefix('/api/')}" for it in self.server.requests.all()]

    def whole(self) -> None:
        """Both whole passes."""
        self.worker.connected("")
        self.work()


@pytest.fixture
def bench(make_server: MakeServer, agent_of: AgentOf) -> Bench:
    """Two accounts in step, and everything looked at."""
    server = make_server(creates=2, projects=2)
    made = Bench(server, agent_of(server))
    made.whole()
    assert order_states(server) == ["done"] * 2
    return made


def update(server: EmulatorServer, name: str, amount: int) -> str:
    with server.state.lock:
        resource, person = server.state.resource(name), server.state.user("person1")
        return order_update(server.state, resource, person, {"gres/gpu": amount}).uuid


def test_an_order_is_read_by_itself(bench: Bench, sandbox: SandboxCluster) -> None:
    uuid = update(bench.server, "new-0", 33)
    bench.say("order", order_uuid=uuid, order_state="pending-provider")
    requests = bench.work()
    assert order_states(bench.server)[-1] == "done"
    assert ("a_new-0", "gres/gpu", "1980") in sandbox.limits()
    assert len(requests) == 6, requests
    assert "GET marketplace-orders/" not in requests, "the list is not read"
    bench.say("order", order_uuid=uuid, order_state="executing")
    assert bench.work() == [f"GET marketplace-orders/{uuid}/"], "an echo costs one look"


def test_many_orders_are_one_pass_with_the_list_read_at_once(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(creates=30, projects=2)
    bench = Bench(server, agent_of(server))
    for order in list(server.state.orders.values()):
        for state in ("pending-provider", "pending-provider", "pending-consumer"):
            bench.say("order", order_uuid=order.uuid, order_state=state)
    requests = bench.work()
    assert order_states(server) == ["done"] * 30
    assert [request for request in requests if request.startswith("GET marketplace-orders/")] == [
        "GET marketplace-orders/"
    ] * 2
    assert bench.work() == []


def test_an_event_that_overtakes_its_order_waits_for_it_and_holds_nobody_up(bench: Bench) -> None:
    state = bench.server.state
    early, other = update(bench.server, "new-0", 33), update(bench.server, "new-1", 34)
    order = state.orders.pop(early)
    bench.say("order", order_uuid=early)
    bench.say("order", order_uuid=other)
    bench.work()
    assert state.orders[other].state == "done"
    assert bench.work(0.4) == []
    assert f"GET marketplace-orders/{early}/" in bench.work(0.1)
    state.orders[early] = order
    bench.work(1)
    assert order.state == "done"


def test_what_never_appears_is_given_up(bench: Bench) -> None:
    bench.say("order", order_uuid="f" * 32)
    looks = 0
    while bench.work(100):
        looks += 1
    assert looks == LOOKS + 1
    assert len(bench.worker.pending) == 2, "the next whole passes"


def test_what_waldur_could_not_answer_is_kept(bench: Bench) -> None:
    uuid = update(bench.server, "new-0", 33)
    bench.server.faults.replace([Fault(kind="status", status=403)])
    bench.say("order", order_uuid=uuid)
    bench.say("resource", resource_uuid=bench.server.state.resource("new-1").uuid)
    bench.work()
    bench.server.faults.clear()
    for _ in range(4):
        bench.work(1)
    assert bench.server.state.orders[uuid].state == "done"


def test_a_role_is_a_look_at_the_projects_resources(bench: Bench, sandbox: SandboxCluster) -> None:
    state = bench.server.state
    leave(bench.server, "person0")
    project = state.resource("new-0").project
    bench.say("user_role", project_uuid=project.uuid, user_uuid=state.user("person0").uuid, granted=False)
    requests = bench.work()
    assert ("a_new-0", "user0") not in sandbox.members()
    assert ("a_new-1", "user0") in sandbox.members(), "nobody has told of the other project"
    assert len([request for request in requests if request.endswith("/team/")]) == 1
    assert len([request for request in requests if request.endswith("refresh_last_sync/")]) == 1


def test_a_revoked_role_beside_another_one_removes_nobody(bench: Bench, sandbox: SandboxCluster) -> None:
    state = bench.server.state
    before = sandbox.members()
    project = state.resource("new-0").project
    bench.say("user_role", project_uuid=project.uuid, user_uuid=state.user("person0").uuid, granted=False)
    assert bench.work()
    assert sandbox.members() == before


def test_a_local_account_is_a_look_at_the_persons_resources(bench: Bench, sandbox: SandboxCluster) -> None:
    state = bench.server.state
    person = state.user("person0")
    account = state.account(state.offering(), person)
    assert account is not None
    account.is_restricted = True
    bench.say("offering_user", user_uuid=person.uuid, action="update", changed_fields=["is_restricted"])
    bench.work()
    assert "user0" not in {user for _, user in sandbox.members()}
    bench.say("offering_user", user_uuid=person.uuid, action="attribute_update")
    assert bench.work() == []


@pytest.mark.parametrize("first", ["person0", "person1"])
def test_newcomers_without_a_name_are_waited_for_whatever_else_happens(
    bench: Bench, sandbox: SandboxCluster, first: str
) -> None:
    state, resource = bench.server.state, bench.server.state.resource("new-0")
    names = {}
    for login in ("person0", "person1"):
        account = state.account(state.offering(), state.user(login))
        assert account is not None
        names[login], account.username = account.username, ""
        bench.say("user_role", project_uuid=resource.project.uuid, user_uuid=state.user(login).uuid, granted=True)
        sandbox.remove_member("a_new-0", names[login])
    bench.work()
    bench.say("resource", resource_uuid=resource.uuid)
    bench.work()
    for login in sorted(names, key=lambda login: login != first):
        account = state.account(state.offering(), state.user(login))
        assert account is not None
        account.username = names[login]
        for _ in range(3):
            bench.work(30)
        assert ("a_new-0", names[login]) in sandbox.members()


def test_what_is_told_of_a_resource_while_it_is_updated_is_looked_at_afterwards(
    bench: Bench, sandbox: SandboxCluster
) -> None:
    state = bench.server.state
    uuid = update(bench.server, "new-0", 33)
    bench.server.faults.replace([Fault(kind="status", status=403, path="set_state_done")])
    bench.say("order", order_uuid=uuid)
    bench.work()
    leave(bench.server, "person0")
    bench.say("user_role", project_uuid=state.resource("new-0").project.uuid, granted=False)
    bench.work()
    assert ("a_new-0", "user0") in sandbox.members(), "the resource is being updated"
    bench.server.faults.clear()
    for _ in range(4):
        bench.work(10)
    assert state.orders[uuid].state == "done"
    assert ("a_new-0", "user0") not in sandbox.members()


def test_one_team_that_cannot_be_read_does_not_make_the_fuse_count_for_ever(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=2, projects=2, people=8)
    bench = Bench(server, agent_of(server), removal_fuse={"members": 3, "percent": 100})
    bench.whole()
    dark = server.state.resource("new-1").uuid
    server.faults.replace([Fault(kind="status", status=403, path=f"{dark}/team/")])
    for number in range(5):
        leave(server, f"person{number}")
        bench.whole()
        assert ("a_new-0", f"user{number}") not in sandbox.members()
    assert len([user for account, user in sandbox.members() if account == "a_new-1"]) == 8


def test_what_is_held_stays_held_while_its_team_cannot_be_read(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=2, projects=2, people=8)
    bench = Bench(server, agent_of(server), removal_fuse={"members": 2, "percent": 100})
    bench.whole()
    resource = server.state.resource("new-0")
    for number in range(3):
        with server.state.lock:
            person = server.state.user(f"person{number}")
            (role,) = [it for it in server.state.team_of(resource.project) if it.user is person]
            server.state.drop_role(role)
        bench.say("user_role", project_uuid=resource.project.uuid, granted=False)
        bench.work()
    assert ("a_new-0", "user2") in sandbox.members(), "the third is one too many"
    server.faults.replace([Fault(kind="status", status=403, path=f"{resource.uuid}/team/")])
    bench.whole()
    server.faults.clear()
    bench.say("user_role", project_uuid=resource.project.uuid, granted=False)
    bench.work()
    assert ("a_new-0", "user2") in sandbox.members()


def test_an_object_of_another_offering_is_left_to_it(bench: Bench) -> None:
    state = bench.server.state
    uuid = update(bench.server, "new-0", 33)
    elsewhere = Bench(bench.server, bench.agent, waldur_offering_uuid="9" * 32)
    elsewhere.say("order", order_uuid=uuid)
    elsewhere.say("resource", resource_uuid=state.resource("new-0").uuid)
    elsewhere.work()
    assert state.orders[uuid].state == "pending-provider"


def test_a_flood_of_anything_ends_nothing_and_stays_small(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(20_000):
            bench.say("order", order_uuid=f"{number:032x}")
            bench.worker.heard("order", b"\xff" * (number % 7))
    assert len(bench.worker.pending) <= MOST + 3
    assert bench.worker.counts == {"messages": 40_000, "unusable": 20_000}
    assert len(caplog.messages) == 5
    update(bench.server, "new-0", 33)
    assert len(bench.work()) < 20
    assert order_states(bench.server)[-1] == "done"


def test_an_offering_without_orders_is_shown_as_served_from_the_start(
    make_server: MakeServer, agent_of: AgentOf
) -> None:
    server = make_server(creates=0)
    bench = Bench(server, agent_of(server), backend_type="", membership_sync_backend="sandbox")
    bench.worker.stop.set()
    bench.worker.run()
    bench.server.faults.replace([Fault(kind="status", status=403, path="marketplace-orders")])
    assert "GET marketplace-orders/" in bench.work()
    bench.server.faults.clear()
    assert bench.work(59) == []
    assert bench.work(1) == ["GET marketplace-orders/"]
    assert bench.work(1799) == []


def test_an_offering_without_orders_is_shown_as_served_all_the_same(
    make_server: MakeServer, agent_of: AgentOf
) -> None:
    server = make_server(creates=0)
    bench = Bench(server, agent_of(server), backend_type="", membership_sync_backend="sandbox")
    bench.worker.pending.add([Hint(Kind.ALIVE)])
    (request,) = bench.work()
    assert request == "GET marketplace-orders/"
    (asked,) = server.requests.all()
    assert "waldur-site-agent" in asked.user_agent
    assert bench.work(1799) == []
    assert bench.work(1) == ["GET marketplace-orders/"]


def test_whole_passes_come_back_by_the_period_and_sooner_while_a_connection_is_down(bench: Bench) -> None:
    worker = bench.worker
    worker.expect([""])
    worker.connected("")
    bench.work()
    assert bench.work(3599) == []
    assert bench.work(1) != []
    worker.disconnected("")
    assert bench.work(299) == []
    for _ in range(3):
        assert bench.work(1) != []
        assert bench.work(299) == []
    worker.connected("")
    assert bench.work() != []
    assert bench.work(3599) == []

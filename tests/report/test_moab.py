"""Charges on MOAB, reported as they are and only once; members in step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from services.agent_runs import AgentRuns, join, leave, writes
from services.mam import Mam
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]
MoabAgent = Callable[[EmulatorServer], AgentRuns]

HERE = {"climate": {"backend_id": "a_climate", "limits": {"deposit": 100}}}


def told(server: EmulatorServer) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Totals by component, and persons' parts by name, of this month."""
    with server.state.lock:
        this_month = datetime.now(UTC).date().replace(day=1)
        everything = server.state.usages_of(server.state.resource("climate"))
        records = [record for record in everything if record.billing_period == this_month]
        parts = {row.username: Decimal(row.usage) for it in records for row in server.state.user_usages_of(it)}
        return {record.component.type: Decimal(record.usage) for record in records}, parts


def test_charges_of_the_month_are_reported_once(
    make_moab_server: MakeServer, moab_agent: MoabAgent, mam: Mam
) -> None:
    mam.add_account("a_climate", organization="p_ocean")
    now = datetime.now(UTC)
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for user, charge in [("jdoe", "12.5"), ("jdoe", "0.25"), ("asmith", "3"), ("asmith", "-0.004")]:
        mam.charge("a_climate", user, charge, begin)
    mam.charge("a_climate", "jdoe", "1000", begin - timedelta(days=60))
    server = make_moab_server(orders=[], **HERE)
    agent = moab_agent(server)
    ended = agent.report()
    assert ended.status == 0, ended.err
    total, parts = told(server)
    assert total == {"deposit": Decimal("15.75")}
    assert parts == {"jdoe": Decimal("12.75"), "asmith": Decimal("3.00")}

    server.requests.clear()
    assert agent.report().status == 0
    assert writes(server) == []
    # Deposits only add up: what MAM has is nothing that Waldur should take for the limits.
    assert server.state.resource("climate").limits == {"deposit": 100}

    mam.plays("not-root")
    ended = agent.report()
    assert ended.status == 1
    assert "Permission denied" in ended.err
    assert writes(server) == []


def test_members_come_and_go_and_an_empty_list_is_not_believed(
    make_moab_server: MakeServer, moab_agent: MoabAgent, mam: Mam
) -> None:
    mam.add_account("a_climate", organization="p_ocean")
    mam.add_users("jdoe", "asmith", "byhand")
    mam.run("mam-modify-account", "--add-user", "+byhand", "-a", "a_climate")
    server = make_moab_server(orders=[], **HERE)
    agent = moab_agent(server)
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert mam.members("a_climate") == {"jdoe", "asmith", "byhand"}
    leave(server, "ann")
    assert agent.sync().status == 0
    assert mam.members("a_climate") == {"jdoe", "byhand"}
    with mam.counted() as calls:
        assert agent.sync().status == 0
    assert len(calls) <= 2

    join(server, "ann", "Ocean")
    mam.sql("delete from accounts")
    ended = agent.sync()
    assert ended.status == 1
    assert "no accounts at all" in ended.err
    assert server.state.resource("climate").state == "OK"
    assert mam.deposits("a_climate") == []

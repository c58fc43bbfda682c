"""Plugins of other people: for any job, for usernames, mixed with ours; offerings of several Waldurs in one file."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from services.agent_runs import AGENT, AgentRuns, order_states
from services.outside_plugins import install
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]

SOURCE = '''
import json
from decimal import Decimal
from pathlib import Path
from pydantic import BaseModel
from waldur_agent_hookspecs import AccountState, ComponentRule, Health, HealthStatus, Usage, hookimpl


class LedgerSettings(BaseModel):
    ledger: Path


class Ledger:
    """A backend that keeps accounts in a JSON file: members and limits."""

    api_version = 1
    settings_model = LedgerSettings

    def __init__(self, settings, context):
        self.path = settings.ledger

    def _read(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def _change(self, ref, **fields):
        accounts = self._read()
        accounts.setdefault(ref.resource_uuid, {"id": f"l-{ref.slug}", "members": [], "limits": {}}).update(fields)
        self.path.write_text(json.dumps(accounts))
        return True

    @hookimpl
    def describe_components(self, configured):
        return {name: ComponentRule(it.unit_factor) for name, it in configured.items() if name != "cpu"}

    @hookimpl
    def list_accounts(self, refs):
        accounts = self._read()
        return {ref.resource_uuid: self._state(accounts.get(ref.resource_uuid)) for ref in refs}

    def _state(self, account):
        if not account:
            return AccountState(exists=False)
        return AccountState(True, account["id"], {name: {} for name in account["members"]})

    @hookimpl
    def create_account(self, ref):
        self._change(ref)
        return self._read()[ref.resource_uuid]["id"]

    @hookimpl
    def set_limits(self, ref, change):
        return self._change(ref, limits={name: str(amount) for name, amount in change.wanted.items()})

    @hookimpl
    def delete_account(self, ref):
        accounts = self._read()
        found = accounts.pop(ref.resource_uuid, None)
        self.path.write_text(json.dumps(accounts))
        return found is not None

    @hookimpl
    def add_member(self, ref, member):
        return self._change(ref, members=[*self._read()[ref.resource_uuid]["members"], member.username])

    @hookimpl
    def remove_member(self, ref, member):
        left = [name for name in self._read()[ref.resource_uuid]["members"] if name != member.username]
        return self._change(ref, members=left)

    @hookimpl
    def check_health(self):
        return [Health("ledger", HealthStatus.GOOD, str(self.path))]


class NoSettings(BaseModel):
    pass


class Meter:
    """Usage from somewhere else than where the accounts are: a CPU hour for each account."""

    api_version = 1
    settings_model = NoSettings

    def __init__(self, settings, context):
        pass

    @hookimpl
    def collect_usage(self, refs, period):
        return {ref.resource_uuid: Usage(unattributed={"cpu": Decimal(60000)}) for ref in refs}


class Initials:
    """Local names of the site's own kind."""

    api_version = 1
    settings_model = NoSettings

    def __init__(self, settings, context):
        pass

    @hookimpl
    def generate_username(self, user, taken):
        return next(name for number in range(100) if (name := f"u-{user.login}{number}") not in taken)


class Former:
    pass
'''

POINTS = {
    "waldur_agent.plugins": {"ledger": "Ledger", "initials": "Initials", "meter": "Meter"},
    "waldur_site_agent.backends": {"mup": "Former"},
    "waldur_site_agent.username_management_backends": {"ldap_names": "Former"},
}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("outside"), "acme-waldur-plugins", SOURCE, POINTS)


@pytest.fixture
def agent_with(tmp_path: Path, installed: Path) -> Callable[[EmulatorServer], AgentRuns]:
    environ = {"PYTHONPATH": str(installed)}
    settings = {"ledger": str(tmp_path / "ledger.json")}
    return lambda server: AgentRuns(tmp_path, server, "ledger", settings, environ)


AgentWith = Callable[[EmulatorServer], AgentRuns]


def ledger(tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "ledger.json"
    return list(json.loads(path.read_text()).values()) if path.exists() else []


def test_it_is_listed_with_its_distribution_and_hooks(installed: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    listed = subprocess.run([AGENT, "plugins", "--json"], env=environ, check=True, capture_output=True, text=True)
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert (rows["ledger"]["distribution"], rows["ledger"]["version"]) == ("acme-waldur-plugins", "3.1")
    assert "create_account" in rows["ledger"]["hooks"]
    assert "mup" not in rows


def test_orders_members_and_usernames_are_its_own_affair(
    tmp_path: Path, agent_with: AgentWith, make_server: MakeServer
) -> None:
    server = make_server(creates=1, people=2)
    users = list(server.state.offering_users.values())
    for user in users:
        user.username, user.state = "", "Requested"
    agent = agent_with(server)
    agent.write_config(username_management_backend="initials")
    assert agent.once().status == 0
    assert order_states(server) == ["done"]
    assert agent.sync().status == 0
    (account,) = ledger(tmp_path)
    assert (account["id"], sorted(account["members"])) == ("l-new-0", ["u-person00", "u-person10"])
    assert account["limits"] == {"gres/gpu": "600"}
    assert sorted(user.username for user in users) == ["u-person00", "u-person10"]


def test_one_plugin_serves_orders_another_reports_and_a_job_left_out_is_not_done(
    tmp_path: Path, agent_with: AgentWith, make_server: MakeServer
) -> None:
    server = make_server(creates=1)
    agent = agent_with(server)
    agent.write_config(order_processing_backend="ledger", reporting_backend="meter")
    assert agent.once().status == 0
    assert len(ledger(tmp_path)) == 1
    assert agent.run("-m", "report", "--once").status == 0
    records = server.state.usages_of(server.state.resource("new-0"))
    assert {record.component.type: int(record.usage) for record in records} == {"cpu": 1, "gres/gpu": 0}
    left_out = agent.sync()
    assert (left_out.status, "its backend key is not set" in left_out.err) == (0, True)
    told = agent.run("diagnostics", "--json").json["offerings"][0]["settings"]
    assert (told["order_processing_backend"], told["reporting_backend"]) == ("ledger", "meter")
    assert "membership_sync_backend" not in told


def test_a_backend_that_serves_less_has_less_in_waldur(
    agent_with: AgentWith, make_server: MakeServer, sandbox: SandboxCluster
) -> None:
    server = make_server()
    server.state.offering().components.clear()
    alone = agent_with(server)
    shown = alone.run("load-components", "--json").json["offerings"][0]["components"]
    assert {item["type"]: item["what"] for item in shown} == {"cpu": "unchanged", "gres/gpu": "created"}
    assert shown[0]["note"] == "the backend does not serve it; ignored"
    roles = {"order_processing_backend": "ledger", "reporting_backend": "sandbox"}
    alone.write_config(backend_settings={**alone.settings, "database": str(sandbox.path)}, **roles)
    shown = alone.run("load-components", "--json").json["offerings"][0]["components"]
    assert {item["type"]: item["what"] for item in shown} == {"cpu": "created", "gres/gpu": "unchanged"}


def test_offerings_of_two_waldurs_in_one_file_are_served_each_with_its_own(
    tmp_path: Path, agent_with: AgentWith, make_server: MakeServer, sandbox: SandboxCluster
) -> None:
    first, second, third = make_server(creates=1), make_server(creates=2), make_server(creates=1)
    agent = agent_with(first)
    document = yaml.safe_load(agent.write_config().read_text())
    (offering,) = document["offerings"]
    other = {
        **offering,
        "name": "Elsewhere",
        "waldur_api_url": second.url,
        "backend_type": "sandbox",
        "backend_settings": {"database": str(sandbox.path)},
    }
    wrong = {**offering, "name": "Wrong", "waldur_api_url": third.url, "waldur_api_token": "f" * 40}
    document["offerings"] = [wrong, offering, other]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(document))
    ended = agent.once()
    assert ended.status == 1  # the one with the wrong token
    assert [order_states(it) for it in (first, second, third)] == [["done"], ["done", "done"], ["pending-provider"]]
    assert len(ledger(tmp_path)) == 1
    with closing(sqlite3.connect(sandbox.path)) as database:
        assert database.execute("select count(*) from accounts where parent is not null").fetchone()[0] >= 2


@pytest.mark.parametrize(("key", "name"), [("backend_type", "mup"), ("username_management_backend", "ldap_names")])
def test_a_backend_of_the_former_agent_is_told_for_what_it_is(
    agent_with: AgentWith, make_server: MakeServer, key: str, name: str
) -> None:
    agent = agent_with(make_server())
    agent.write_config(**{key: name})
    ended = agent.once()
    assert ended.status == 2
    assert f"{name!r} of acme-waldur-plugins 3.1 was written for waldur-site-agent" in ended.err
    assert "docs/deployment.md" in ended.err

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from services.client_models import parsed
from waldur_agent.emulator.profile import TODAY
from waldur_agent.emulator.scenario import (
    Account,
    ComponentEntry,
    Membership,
    OfferingEntry,
    OrderEntry,
    Organization,
    Person,
    ProjectEntry,
    ResourceEntry,
    Scenario,
)
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient


class Caller(requests.Session):
    """One user's session, or nobody's: paths are relative to ``/api/``.

    Attributes:
        parsing: Whether every good answer has to be one that the public client can read.
    """

    def __init__(self, url: str, token: str = "", *, parsing: bool = False) -> None:
        super().__init__()
        self.url = url
        self.parsing = parsing
        if token:
            self.headers["Authorization"] = f"Token {token}"

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["allow_redirects"] = False
        kwargs["timeout"] = kwargs.get("timeout") or 30
        answer = super().request(method, f"{self.url}{url!s}", *args, **kwargs)
        asked = answer.request
        # For HEAD the client wants a header spelled otherwise than HTTP libraries hand it over.
        if self.parsing and answer.status_code < 300 and asked.method and asked.method != "HEAD":
            parsed(asked.method, str(asked.url), answer.status_code, answer.content)
        return answer


@pytest.fixture
def scenario() -> Scenario:
    """One provider and its cluster, one customer with two projects, an order of each kind."""
    people = ("agent", "manager", "olga", "alice", "bob", "carol", "outsider")
    ocean = ProjectEntry(slug="ocean", team={"alice": Membership(role="manager"), "bob": Membership()})
    return Scenario(
        agent="agent",
        users={"staff": Person(full_name="Sam Staff", staff=True)}
        | {name: Person(full_name=name.capitalize()) for name in people},
        organizations={
            "Centre": Organization(provider=True, owners=["agent"]),
            "University": Organization(
                slug="uni",
                owners=["olga"],
                projects={"Ocean": ocean, "Genomics": ProjectEntry(team={"carol": Membership(role="admin")})},
            ),
        },
        offerings={
            "Cluster": OfferingEntry(
                managers=["manager"],
                components={
                    "cpu": ComponentEntry(billing="usage", unit="k-Hours", factor=60000),
                    "gres/gpu": ComponentEntry(billing="limit", unit="GPU-Hours", period="total"),
                    "seat": ComponentEntry(billing="fixed"),
                },
                accounts={"alice": Account(username="aanders"), "bob": Account()},
                resources={
                    "tides": ResourceEntry(
                        project="Ocean",
                        backend_id="hpc_tides",
                        limits={"gres/gpu": 100},
                        user_limits={"alice": {"gres/gpu": 7}},
                    ),
                    "atlas": ResourceEntry(project="Genomics", backend_id="hpc_atlas", limits={"gres/gpu": 20}),
                },
                orders=[
                    OrderEntry(resource="waves", project="Ocean", limits={"gres/gpu": 50}, by="alice"),
                    OrderEntry(type="Update", resource="tides", limits={"gres/gpu": 250}),
                    OrderEntry(type="Terminate", resource="atlas"),
                ],
            )
        },
    )


@pytest.fixture
def server(scenario: Scenario) -> Iterator[EmulatorServer]:
    with EmulatorServer(scenario) as running:
        yield running


@pytest.fixture
def state(server: EmulatorServer) -> State:
    return server.state


@pytest.fixture
def session_at() -> Iterator[Callable[..., Caller]]:
    """Sessions at any address, with any token."""
    with ExitStack() as stack:
        yield lambda url, token="", **keys: stack.enter_context(Caller(url, token, **keys))


@pytest.fixture
def caller(server: EmulatorServer, session_at: Callable[..., Caller]) -> Callable[[str], Caller]:
    """Sessions of any user, by login."""
    parsing = server.state.profile is TODAY
    return lambda username: session_at(server.url, server.token_of(username), parsing=parsing)


@pytest.fixture
def anonymous(server: EmulatorServer, session_at: Callable[..., Caller]) -> Caller:
    """A session without a token."""
    return session_at(server.url)


@pytest.fixture
def agent(caller: Callable[[str], Caller]) -> Caller:
    return caller("agent")


@pytest.fixture
def client(server: EmulatorServer) -> Iterator[AuthenticatedClient]:
    """The public package's own client, as the agent's user."""
    with AuthenticatedClient(base_url=server.root, token=server.token, prefix="Token", verify_ssl=False) as opened:
        yield opened


@pytest.fixture
def offering_uuid(state: State) -> str:
    return state.offering().uuid

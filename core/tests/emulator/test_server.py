from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State


def test_without_a_scenario_it_serves_the_demonstration(session_at: Callable[..., Any]) -> None:
    with EmulatorServer() as server:
        orders = session_at(server.url, server.token).get("marketplace-orders/").json()
    assert sorted(order["type"] for order in orders) == ["Create", "Create", "Create", "Terminate", "Update"]


def test_state_outlives_the_server(scenario: Scenario, session_at: Callable[..., Any]) -> None:
    state = seed(scenario)
    with EmulatorServer(state) as server:
        path = f"marketplace-orders/{next(iter(state.orders))}/approve_by_provider/"
        session_at(server.url, server.token).post(path, json={})
    with EmulatorServer(state) as server:
        assert next(iter(server.state.orders.values())).state == "executing"


def test_addresses_and_tokens(server: EmulatorServer) -> None:
    assert server.url == f"{server.root}/api/"
    assert server.token == server.token_of("agent") != server.token_of("alice")


def test_state_without_an_agent_has_no_token() -> None:
    with pytest.raises(LookupError, match=r"set state\.agent"):
        _ = EmulatorServer(State()).token


def test_port_in_use_is_an_error_of_the_system() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        EmulatorServer(port=taken.getsockname()[1]).start()

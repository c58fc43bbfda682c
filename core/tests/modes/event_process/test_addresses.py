from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from waldur_agent.config import Offering
from waldur_agent.modes.event_process.addresses import broker_address


def url(api_url: str = "https://waldur.example.org/api/", transport: Any = "stomp", **keys: Any) -> str:
    offering = Offering(
        name="HPC",
        api_url=api_url,
        token=SecretStr("t"),
        uuid="1" * 32,
        backends={},
        event_transport=transport,
        **keys,
    )
    return broker_address(offering).url


def test_it_is_beside_waldur() -> None:
    assert url() == "wss://waldur.example.org:443/rmqws-stomp"
    assert url(transport="mqtt") == "wss://waldur.example.org:443/rmqws"
    assert url("https://waldur.example.org:8443/some/where/api/") == "wss://waldur.example.org:443/rmqws-stomp"


def test_every_part_can_be_said() -> None:
    assert (
        url(stomp_ws_host="mq.example.org", stomp_ws_port=15673, stomp_ws_path="/ws", websocket_use_tls=False)
        == "ws://mq.example.org:15673/ws"
    )
    assert url(transport="mqtt", mqtt_ws_host="::1", mqtt_ws_port=1, mqtt_ws_path="/mq") == "wss://[::1]:1/mq"
    assert url(mqtt_ws_port=1) == "wss://waldur.example.org:443/rmqws-stomp", "the other protocol's is not meant"


@pytest.mark.parametrize(
    ("api_url", "expected"),
    [
        ("http://localhost:8081/api/", "ws://localhost:8081/rmqws-stomp"),
        ("http://[2001:db8::7]:8081/api/", "ws://[2001:db8::7]:8081/rmqws-stomp"),
        ("http://waldur.example.org/api/", "ws://waldur.example.org:80/rmqws-stomp"),
    ],
)
def test_plain_text_goes_where_plain_text_is_spoken(api_url: str, expected: str) -> None:
    assert url(api_url, websocket_use_tls=False) == expected

"""Brokers behind TLS: trusted as the REST API is, or not checked where that is said."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from services.rabbitmq_fixtures import RealRabbit
from services.tls_front import tls_front
from waldur_agent.transports import Address, Endpoint, Unreachable, open_link


class Ear:
    def heard(self, body: bytes) -> None:
        """Hear nothing."""

    def lost(self, reason: str) -> None:
        """Nor that."""


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # paho leaves a failed attempt's socket to Python
@pytest.mark.parametrize("protocol", ["stomp", "mqtt"])
def test_the_bundle_of_the_rest_api_counts_and_checking_can_be_switched_off(
    rabbitmq: RealRabbit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: Literal["stomp", "mqtt"]
) -> None:
    rabbitmq.management.add_vhost("v")
    rabbitmq.management.add_user("login", "token", "v")
    rabbitmq.management.declare_queue("v", "q")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    plain = rabbitmq.ports.mqtt_ws if protocol == "mqtt" else rabbitmq.ports.stomp_ws
    path = "/rmqws" if protocol == "mqtt" else "/rmqws-stomp"
    with tls_front(tmp_path, plain) as front:
        address = Address("localhost", front.port, path)
        place = Endpoint(protocol, address, "v", "login", "token", "/amq/queue/q" if protocol == "stomp" else "a/b")
        with pytest.raises(Unreachable, match=r"wss://localhost:.*CERTIFICATE_VERIFY_FAILED"):
            open_link(place, Ear())
        open_link(replace(place, verify=False), Ear()).close()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(front.authority))
        open_link(place, Ear()).close()
        by_address = replace(place, address=replace(address, host="127.0.0.1"))
        with pytest.raises(Unreachable, match="not valid for"):
            open_link(by_address, Ear())
        open_link(replace(by_address, verify=False), Ear()).close()
        trusted = tmp_path / "trusted"
        trusted.mkdir()
        (trusted / "ca.pem").write_bytes(front.authority.read_bytes())
        subprocess.run(["openssl", "rehash", str(trusted)], check=True, capture_output=True)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        open_link(place, Ear()).close()

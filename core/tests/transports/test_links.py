"""Both protocols on a real broker: what is heard, what is refused and why, and that nothing is left behind."""

from __future__ import annotations

import gc
import queue
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from services.rabbitmq.node import MQTT_PATH, STOMP_PATH
from services.rabbitmq_fixtures import RealRabbit
from waldur_agent.transports import Address, Endpoint, Link, Refused, Unreachable, open_link

VHOST = "aabbccddeeff00112233445566778899"
LOGIN = "5f5d0c3f4a2b4e4f8f0a1b2c3d4e5f60"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
TOPIC = f"subscription/{LOGIN}/offering/{'1' * 32}/order"

both = pytest.mark.parametrize("protocol", ["stomp", "mqtt"])
Protocol = Literal["stomp", "mqtt"]


class Ear:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.bodies: queue.Queue[bytes] = queue.Queue()
        self.losses: queue.Queue[str] = queue.Queue()

    def heard(self, body: bytes) -> None:
        self.bodies.put(body)

    def lost(self, reason: str) -> None:
        self.losses.put(reason)


@pytest.fixture
def broker(rabbitmq: RealRabbit) -> RealRabbit:
    rabbitmq.management.add_vhost(VHOST)
    rabbitmq.management.add_user(LOGIN, TOKEN, VHOST)
    rabbitmq.management.declare_queue(VHOST, "orders", {"x-max-length": 10000})
    return rabbitmq


def endpoint(broker: RealRabbit, protocol: Protocol) -> Endpoint:
    if protocol == "mqtt":
        address = Address("127.0.0.1", broker.ports.mqtt_ws, MQTT_PATH, tls=False)
        return Endpoint(protocol, address, VHOST, LOGIN, TOKEN, TOPIC)
    address = Address("127.0.0.1", broker.ports.stomp_ws, STOMP_PATH, tls=False)
    return Endpoint(protocol, address, VHOST, LOGIN, TOKEN, "/amq/queue/orders")


def publish(broker: RealRabbit, protocol: Protocol, payload: object) -> None:
    if protocol == "mqtt":
        assert broker.management.publish(VHOST, TOPIC.replace("/", "."), payload, "amq.topic")
    else:
        assert broker.management.publish(VHOST, "orders", payload)


@contextmanager
def opened(place: Endpoint, ear: Ear) -> Iterator[Link]:
    link = open_link(place, ear)
    try:
        yield link
    finally:
        link.close()


def wait_for(what: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@both
def test_what_is_published_is_heard_in_order(broker: RealRabbit, protocol: Protocol) -> None:
    ear = Ear()
    with opened(endpoint(broker, protocol), ear):
        for text in ("{}", '{"name": "Õhtu"}', "no json", '{"long": "' + "x" * 200_000 + '"}'):
            publish(broker, protocol, text)
        assert [ear.bodies.get(timeout=10)[:9] for _ in range(4)] == [b"{}", b'{"name": ', b"no json", b'{"long": ']
    assert ear.losses.empty(), "an end that was asked for is no loss"


@both
def test_a_wrong_password_is_refused_and_named_without_it(broker: RealRabbit, protocol: Protocol) -> None:
    with pytest.raises(Refused) as caught:
        open_link(replace(endpoint(broker, protocol), password="wrong-secret"), Ear())
    assert not caught.value.logged_in
    assert LOGIN in str(caught.value)
    assert "secret" not in str(caught.value) + repr(endpoint(broker, protocol))


def test_a_queue_that_is_not_there_is_refused_after_the_login(broker: RealRabbit) -> None:
    with pytest.raises(Refused, match="gone refused") as caught:
        open_link(replace(endpoint(broker, "stomp"), destination="/amq/queue/gone"), Ear())
    assert caught.value.logged_in


def test_a_queue_of_the_server_must_not_be_declared_by_its_listener(broker: RealRabbit) -> None:
    with pytest.raises(Refused, match="/queue/orders refused"):
        open_link(replace(endpoint(broker, "stomp"), destination="/queue/orders"), Ear())


def test_a_bare_name_declares_the_queue_of_older_servers(broker: RealRabbit) -> None:
    ear = Ear()
    with opened(replace(endpoint(broker, "stomp"), destination="subscription_x_order"), ear):
        assert broker.management.publish(VHOST, "subscription_x_order", {"order_uuid": "1"})
        assert ear.bodies.get(timeout=10) == b'{"order_uuid": "1"}'


@both
def test_a_connection_that_the_broker_ends_is_told_once(broker: RealRabbit, protocol: Protocol) -> None:
    ear = Ear()
    with opened(endpoint(broker, protocol), ear):
        wait_for(lambda: bool(broker.management.connections(LOGIN)))
        broker.management.drop_connections(LOGIN)
        assert ear.losses.get(timeout=10)
    assert ear.losses.empty()


@both
def test_nobody_listening_is_unreachable_with_address_and_reason(broker: RealRabbit, protocol: Protocol) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    place = endpoint(broker, protocol)
    with pytest.raises(Unreachable, match=rf"ws://127\.0\.0\.1:{port}/rmqws.*refused"):
        open_link(replace(place, address=replace(place.address, port=port)), Ear())


# paho leaves the socket of a failed attempt to Python to close.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@both
def test_one_attempt_is_one_connection(broker: RealRabbit, protocol: Protocol) -> None:
    """A listener that closes whoever comes: libraries that try again on their own would come again."""
    place = endpoint(broker, protocol)
    with socket.create_server(("127.0.0.1", 0)) as server:
        count = 0

        def answer() -> None:
            nonlocal count
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                count += 1
                client.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(Unreachable):
            open_link(replace(place, address=replace(place.address, port=server.getsockname()[1])), Ear())
        assert count == 1
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """Without the collection of circles, which would hide what was left to it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@both
@pytest.mark.usefixtures("nothing_collected")
def test_nothing_is_left_of_connections_that_came_and_went(broker: RealRabbit, protocol: Protocol) -> None:
    place = endpoint(broker, protocol)

    def in_use() -> Counter[str]:
        found = Counter(f"thread {thread.name}" for thread in threading.enumerate())
        for entry in Path("/proc/self/fd").iterdir():
            with suppress(FileNotFoundError):
                found[str(entry.readlink()).partition(":")[0]] += 1
        return found

    open_link(place, Ear()).close()
    before = in_use()
    for _ in range(10):
        ear = Ear()
        link = open_link(place, ear)
        wait_for(lambda: bool(broker.management.connections(LOGIN)))
        broker.management.drop_connections(LOGIN)
        ear.losses.get(timeout=10)
        link.close()
        with pytest.raises(Refused):
            open_link(replace(place, password="wrong"), ear)
    with suppress(AssertionError):
        wait_for(lambda: not in_use() - before)
    assert not in_use() - before


@both
def test_a_broker_that_is_silent_is_noticed_within_two_heartbeats(broker: RealRabbit, protocol: Protocol) -> None:
    ear = Ear()
    with opened(endpoint(broker, protocol), ear):
        broker.node.pause()
        try:
            assert ear.losses.get(timeout=21)
        finally:
            broker.node.resume()

"""The broker that the tests of this mode stand on: it is real, it is ours alone, and it can be hurt."""

from __future__ import annotations

import pytest
from services.rabbitmq.consumers import RefusedError, mqtt_consumer, stomp_consumer
from services.rabbitmq_fixtures import RealRabbit


@pytest.fixture
def vhost(rabbitmq: RealRabbit) -> str:
    rabbitmq.management.add_vhost("vhost")
    rabbitmq.management.add_user("login", "token", "vhost")
    return "vhost"


def test_stomp_over_a_websocket(rabbitmq: RealRabbit, vhost: str) -> None:
    rabbitmq.management.declare_queue(vhost, "orders", {"x-message-ttl": 60000})
    with stomp_consumer(rabbitmq.ports, vhost, "login", "token", "/amq/queue/orders") as inbox:
        assert rabbitmq.management.publish(vhost, "orders", {"order_uuid": "1"})
        assert inbox.take() == {"order_uuid": "1"}
        assert rabbitmq.flood(vhost, "orders", ({"number": number} for number in range(200))) == 200
        assert [message["number"] for message in inbox.take_some(200)] == list(range(200))


def test_mqtt_over_a_websocket(rabbitmq: RealRabbit, vhost: str) -> None:
    with mqtt_consumer(rabbitmq.ports, vhost, "login", "token", "subscription/s/offering/o/order") as inbox:
        assert rabbitmq.management.publish(vhost, "subscription.s.offering.o.order", {"order_uuid": "1"}, "amq.topic")
        assert inbox.take() == {"order_uuid": "1"}


@pytest.mark.parametrize("consumer", [stomp_consumer, mqtt_consumer])
def test_a_wrong_password_is_refused(rabbitmq: RealRabbit, vhost: str, consumer: type) -> None:
    with pytest.raises(RefusedError), consumer(rabbitmq.ports, vhost, "login", "other", "x"):
        pass


def test_a_killed_broker_comes_back_with_its_queues_and_messages(rabbitmq: RealRabbit, vhost: str) -> None:
    rabbitmq.management.declare_queue(vhost, "orders")
    rabbitmq.management.publish(vhost, "orders", "1")
    before = rabbitmq.ports.stomp_ws
    rabbitmq.node.kill()
    assert not rabbitmq.node.running
    rabbitmq.node.start()
    assert rabbitmq.ports.stomp_ws == before
    assert rabbitmq.management.messages(vhost, "orders") == [1]


def test_a_test_begins_with_an_empty_broker(rabbitmq: RealRabbit) -> None:
    assert (rabbitmq.management.vhosts(), rabbitmq.management.users()) == (["/"], ["admin"])


def test_a_connection_can_be_dropped(rabbitmq: RealRabbit, vhost: str) -> None:
    rabbitmq.management.declare_queue(vhost, "orders")
    with stomp_consumer(rabbitmq.ports, vhost, "login", "token", "/amq/queue/orders") as inbox:
        assert rabbitmq.management.drop_connections("login") == 1
        with pytest.raises(RefusedError):
            inbox.take()
        assert rabbitmq.management.connections("login") == []

"""One attempt at a time, a wait after each, and Waldur asked again only where that can help."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from waldur_agent.modes.event_process.backoff import Backoff
from waldur_agent.modes.event_process.keeper import Keeper
from waldur_agent.transports import Address, Endpoint, Link, LinkError, Listener, Refused, Unreachable
from waldur_agent.waldur import Unavailable


@dataclass
class NoWaits(Backoff):
    """Counts the waits instead of waiting. Endless ones end where a test does not end them."""

    drawn: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    def after_failure(self) -> Iterator[float]:
        return self._of("failure")

    def after_loss(self) -> Iterator[float]:
        return self._of("loss")

    def _of(self, kind: str) -> Iterator[float]:
        self.begun.append(kind)
        while True:
            self.drawn.append(kind)
            yield 0.0


class Channel:
    """Gives a new login each time that it is asked for one anew."""

    source_type = "order"

    def __init__(self, *, fresh: bool = False) -> None:
        self.asked: list[bool] = []
        self.fresh = fresh
        self.dropped = 0
        self.failures: list[Exception] = []

    def endpoint(self, *, anew: bool) -> tuple[Endpoint, bool]:
        if self.failures:
            raise self.failures.pop()
        self.asked.append(anew)
        login = f"login{self.asked.count(True)}"
        return Endpoint("stomp", Address("broker", 443, "/"), "v", login, "secret", "q"), self.fresh or anew

    def drop(self) -> None:
        self.dropped += 1


class Broker:
    """Connects as it is told, and knows how many connections there are at a time."""

    def __init__(self, *answers: LinkError | Exception | None) -> None:
        self.answers = list(answers)
        self.logins: list[str] = []
        self.open = self.most = 0
        self.listener: Listener | None = None
        self.closed = 0

    def __call__(self, endpoint: Endpoint, listener: Listener) -> Link:
        self.logins.append(endpoint.login)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.open += 1
        self.most = max(self.most, self.open)
        self.listener = listener
        return self

    def close(self) -> None:
        self.open -= 1
        self.closed += 1


class Audience:
    def __init__(self) -> None:
        self.events: list[str] = []

    def heard(self, source_type: str, body: bytes) -> None:
        self.events.append(f"{source_type} {body.decode()}")

    def connected(self, source_type: str) -> None:
        self.events.append(f"{source_type} connected")

    def disconnected(self, source_type: str) -> None:
        self.events.append(f"{source_type} disconnected")


@dataclass
class Kept:
    """A keeper at work."""

    channel: Channel
    broker: Broker
    audience: Audience = field(default_factory=Audience)
    backoff: NoWaits = field(default_factory=NoWaits)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.keeper = Keeper("HPC", self.channel, self.audience, self.stop, backoff=self.backoff, connect=self.broker)
        self.thread = threading.Thread(target=self.keeper.run, daemon=True)

    def __enter__(self) -> Kept:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.keeper.wake()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def lose(self) -> None:
        """The connection that stands ends."""
        before = self.broker.closed
        assert self.broker.listener is not None
        self.broker.listener.lost("gone")
        wait_for(lambda: self.broker.closed > before)

    def wait_connected(self, times: int = 1) -> None:
        wait_for(lambda: self.audience.events.count("order connected") >= times)


def wait_for(what: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_a_wait_after_each_failure_and_never_two_connections() -> None:
    with Kept(Channel(), Broker(*[Unreachable("away")] * 4)) as kept:
        kept.wait_connected()
        for times in range(2, 12):
            kept.lose()
            kept.wait_connected(times)
    assert kept.backoff.drawn == ["failure"] * 4 + ["loss"] * 10
    # A connection that ends as soon as it is made does not begin the waits anew.
    assert kept.backoff.begun == ["failure", "loss"]
    assert len(kept.broker.logins) == 15
    assert (kept.broker.most, kept.broker.open) == (1, 0)
    assert kept.channel.asked == [False], "Waldur is not asked where the broker is only away"


def test_messages_and_the_state_of_the_connection_are_passed_on() -> None:
    with Kept(Channel(), Broker()) as kept:
        kept.wait_connected()
        assert kept.broker.listener is not None
        kept.broker.listener.heard(b"one")
        kept.lose()
        kept.wait_connected(2)
    events = ["order connected", "order one", "order disconnected", "order connected", "order disconnected"]
    assert kept.audience.events == events
    assert kept.channel.dropped == 1


def test_a_login_of_earlier_that_is_refused_is_made_anew_at_once_and_then_given_time() -> None:
    with Kept(Channel(), Broker(*[Refused("no")] * 5)) as kept:
        kept.wait_connected()
    assert kept.channel.asked == [False, True]
    assert kept.broker.logins == ["login0"] + ["login1"] * 5


def test_a_login_made_just_now_may_be_refused_while_the_broker_is_not_told_yet() -> None:
    with Kept(Channel(fresh=True), Broker(*[Refused("no")] * 5)) as kept:
        kept.wait_connected()
    assert kept.channel.asked == [False]


def test_a_queue_that_is_gone_is_asked_for_without_a_new_login() -> None:
    with Kept(Channel(), Broker(Refused("no queue", logged_in=True))) as kept:
        kept.wait_connected()
    assert kept.channel.asked == [False, False]
    assert kept.broker.logins == ["login0", "login0"]


def test_a_waldur_that_does_not_answer_is_waited_for_like_a_broker() -> None:
    channel = Channel()
    channel.failures = [Unavailable("down")] * 3
    with Kept(channel, Broker()) as kept:
        kept.wait_connected()
    assert kept.backoff.drawn == ["failure"] * 3


def test_a_fault_in_the_depths_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    with Kept(Channel(), Broker(RuntimeError("deep"))) as kept:
        kept.wait_connected()
    assert "unexpected fault while connecting" in caplog.text


def test_a_long_outage_is_told_a_few_times(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), Kept(Channel(), Broker(*[Unreachable("away")] * 60)) as kept:
        kept.wait_connected()
    assert caplog.text.count("away") == 7  # the first five, the thirtieth, the sixtieth


def test_it_ends_while_it_waits() -> None:
    class Long(NoWaits):
        def _of(self, kind: str) -> Iterator[float]:
            yield 3600.0

    with Kept(Channel(), Broker(Unreachable("away")), backoff=Long()) as kept:
        wait_for(lambda: bool(kept.broker.logins))
    assert kept.channel.dropped == 1

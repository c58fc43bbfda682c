from __future__ import annotations

import threading

import pytest
from waldur_agent.emulator.state_lock import StateLock


def take(lock: StateLock, taken: threading.Event) -> None:
    with lock:
        taken.set()


def test_the_holder_is_told_once_when_it_lets_go_for_good() -> None:
    lock, told = StateLock(), []
    lock.released = lambda: told.append("released")
    with lock:
        with lock:
            pass
        assert told == []
    assert told == ["released"]


def test_a_reader_is_not_told_but_kept_out() -> None:
    lock, told = StateLock(), []
    lock.released = lambda: told.append("released")
    with lock.reading():
        entered = threading.Event()
        writer = threading.Thread(target=take, args=(lock, entered))
        writer.start()
        assert told == []
        assert not entered.is_set()
    writer.join(10)
    assert told == ["released"]


def test_it_is_free_again_even_where_telling_fails() -> None:
    lock = StateLock()

    def fail() -> None:
        raise ValueError("told")

    lock.released = fail
    with pytest.raises(ValueError, match="told"), lock:
        pass
    lock.released = None
    taken = threading.Event()
    other = threading.Thread(target=take, args=(lock, taken))
    other.start()
    other.join(10)
    assert taken.is_set()

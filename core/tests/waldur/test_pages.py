from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from services.scripted_http import Asked, Reply, scripted
from waldur_agent.waldur.connection import Connection
from waldur_agent.waldur.errors import Incomplete, Refused, Unavailable
from waldur_agent.waldur.pages import ATTEMPTS, read_list


def items(count: int) -> list[dict[str, str]]:
    return [{"uuid": f"{number:032x}"} for number in range(count)]


def page_of(asked: Asked) -> tuple[int, int]:
    query = parse_qs(urlsplit(asked.path).query)
    return int(query["page"][0]), int(query["page_size"][0])


def paginated(total: int, cap: int = 300) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        page, size = page_of(asked)
        size = min(size, cap)
        part = items(total)[(page - 1) * size : page * size]
        if page > 1 and not part:
            return Reply(404, {"detail": "Invalid page."})
        return Reply(body=part, headers={"X-Result-Count": str(total)})

    return answer


def read(answer: Callable[[Asked], Reply]) -> tuple[list[dict[str, str]], int]:
    with scripted(answer) as script:
        connection = Connection(script.url, "t", user_agent="waldur-site-agent-test/1")
        try:
            return read_list(connection, "things/", {"state": ["OK"]}), len(script.asked)
        finally:
            connection.close()


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_all_pages_are_read_and_no_more(total: int, requests: int) -> None:
    assert read(paginated(total)) == (items(total), requests)


def test_a_server_with_smaller_pages_is_followed() -> None:
    assert read(paginated(25, cap=10)) == (items(25), 3)


def test_without_a_count_the_body_is_everything() -> None:
    assert read(lambda _: Reply(body=items(12))) == (items(12), 1)


def test_without_a_count_a_next_link_is_followed() -> None:
    def answer(asked: Asked) -> Reply:
        page, _ = page_of(asked)
        link = {"Link": '<http://x/?page=2>; rel="next"'} if page == 1 else {}
        return Reply(body=items(20)[(page - 1) * 10 : page * 10], headers=link)

    assert read(answer) == (items(20), 2)


def test_half_a_page_is_incomplete_and_never_short() -> None:
    def answer(asked: Asked) -> Reply:
        whole = paginated(150)(asked)
        page, _ = page_of(asked)
        return Reply(body=whole.body[:50], headers=whole.headers) if page == 1 else whole

    with pytest.raises(Incomplete):
        read(answer)


def test_an_item_that_comes_twice_is_incomplete() -> None:
    with pytest.raises(Incomplete, match="came twice"):
        read(lambda _: Reply(body=items(3) + items(1), headers={"X-Result-Count": "4"}))


def test_a_missing_page_is_incomplete() -> None:
    def answer(asked: Asked) -> Reply:
        return paginated(250)(asked) if page_of(asked)[0] != 2 else Reply(404, {"detail": "Invalid page."})

    with pytest.raises(Incomplete, match="became shorter"):
        read(answer)


def test_a_list_that_changed_while_it_was_read_is_read_again() -> None:
    shrinking = iter([paginated(101), paginated(99)])
    current = [paginated(101)]

    def answer(asked: Asked) -> Reply:
        page, _ = page_of(asked)
        if page == 1:
            current[0] = next(shrinking)
            return current[0](asked)
        return Reply(404, {"detail": "Invalid page."})

    assert read(answer) == (items(99), 3)


def test_it_is_given_up_after_some_attempts() -> None:
    with scripted(lambda _: Reply(body=[], headers={"X-Result-Count": "5"})) as script:
        connection = Connection(script.url, "t", user_agent="waldur-site-agent-test/1")
        with pytest.raises(Incomplete):
            read_list(connection, "things/", {})
        connection.close()
    assert len(script.asked) == ATTEMPTS


def test_an_object_where_a_list_was_due_is_unreadable() -> None:
    with pytest.raises(Unavailable, match="a list was expected, not dict"):
        read(lambda _: Reply(body={"results": []}))


def test_a_refused_list_is_told_as_such() -> None:
    with pytest.raises(Refused):
        read(lambda _: Reply(403, {"detail": "no"}))

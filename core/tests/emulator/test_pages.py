from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.pages import cut_page
from werkzeug.datastructures import MultiDict

URL = "http://host/api/things/"


def test_ten_items_unless_told_otherwise() -> None:
    page = cut_page(list(range(25)), MultiDict(), URL)
    assert page.records == list(range(10))
    assert page.headers["X-Result-Count"] == "25"


def test_links_keep_the_query_sorted_and_the_first_page_has_no_number() -> None:
    query = MultiDict([("state", "OK"), ("page_size", "10"), ("page", "2"), ("field", "uuid"), ("field", "name")])
    links = cut_page(list(range(25)), query, URL).headers["Link"]
    kept = "field=name&field=uuid&page_size=10&state=OK"
    numbered = kept.replace("&page_size", "&page=3&page_size")
    assert links.split(", ") == [
        f'<{URL}?{kept}>; rel="first"',
        f'<{URL}?{kept}>; rel="prev"',
        f'<{URL}?{numbered}>; rel="next"',
        f'<{URL}?{numbered}>; rel="last"',
    ]


def test_too_large_a_page_is_cut_silently() -> None:
    page = cut_page(list(range(1000)), MultiDict({"page_size": "500"}), URL)
    assert len(page.records) == 300


@pytest.mark.parametrize("size", ["0", "-1", "many", ""])
def test_senseless_sizes_are_the_default(size: str) -> None:
    assert len(cut_page(list(range(50)), MultiDict({"page_size": size}), URL).records) == 10


@pytest.mark.parametrize("number", ["4", "0", "-1", "x", ""])
def test_pages_that_do_not_exist_are_404(number: str) -> None:
    with pytest.raises(ApiError) as refusal:
        cut_page(list(range(25)), MultiDict({"page": number}), URL)
    assert (refusal.value.status, refusal.value.body) == (404, {"detail": "Invalid page."})


def test_nothing_is_one_empty_page() -> None:
    nothing: list[int] = []
    page = cut_page(nothing, MultiDict(), URL)
    assert page.records == []
    assert 'rel="next"' not in page.headers["Link"]


@given(st.integers(0, 700), st.integers(1, 320))
def test_following_next_gives_every_record_once(total: int, size: int) -> None:
    seen: list[int] = []
    number = 1
    while True:
        page = cut_page(list(range(total)), MultiDict({"page": str(number), "page_size": str(size)}), URL)
        seen += page.records
        if 'rel="next"' not in page.headers["Link"]:
            break
        number += 1
    assert seen == list(range(total))

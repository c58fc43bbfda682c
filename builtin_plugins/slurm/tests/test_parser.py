"""What SLURM prints, as values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_slurm import parser

TRES_NAMES = st.from_regex(r"[a-z]{2,8}(/[a-z0-9]{2,8})?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [
        ("0", "0"),
        ("1025M", "1025"),
        ("1G", "1024"),
        ("1.50G", "1536"),
        ("12000.50G", "12288512"),
        ("1P", str(2**30)),
        ("1E", str(2**40)),
        ("512K", "0.5"),
    ],
)
def test_memory_is_read_in_all_the_forms_in_which_slurm_prints_it(text: str, megabytes: str) -> None:
    assert parser.amount(text) == Decimal(megabytes)


@pytest.mark.parametrize(("text", "count"), [("7", 7), ("2K", 2048), ("1.50K", 1536), ("1M", 1024**2)])
def test_all_but_memory_is_counted_in_ones(text: str, count: int) -> None:
    assert parser.amount(text, "cpu") == count
    assert parser.tres(f"gres/gpu={text},mem=1") == {"gres/gpu": count, "mem": 1}


@pytest.mark.parametrize("text", ["", "8?", "1.5.2G", "-5", "NONE", "1 G", "x"])
def test_an_amount_of_an_unknown_form_is_not_guessed(text: str) -> None:
    with pytest.raises(parser.UnreadableError):
        parser.amount(text)


@given(st.dictionaries(TRES_NAMES, st.integers(0, 10**15)))
def test_tres_strings_are_read_back_as_they_were_written(limits: dict[str, int]) -> None:
    text = ",".join(f"{name}={amount}" for name, amount in limits.items())
    assert parser.tres(text) == {name: Decimal(amount) for name, amount in limits.items()}


@pytest.mark.parametrize("text", ["cpu", "cpu=", "=5", "cpu=1=2"])
def test_a_broken_tres_string_is_not_taken_for_a_limit(text: str) -> None:
    with pytest.raises(parser.UnreadableError):
        parser.tres(text)


@given(st.lists(st.lists(st.from_regex(r"[a-z0-9]{0,5}", fullmatch=True), min_size=3, max_size=3), min_size=1))
def test_an_answer_that_was_cut_anywhere_within_a_line_is_not_an_answer(table: list[list[str]]) -> None:
    text = "".join("|".join(row) + "\n" for row in table)
    assert list(parser.rows(text, 3)) == table
    for end in range(1, len(text)):
        if text[end - 1] != "\n":
            with pytest.raises(parser.UnreadableError):
                list(parser.rows(text[:end], 3))


def test_a_row_with_a_field_too_few_is_not_an_answer() -> None:
    with pytest.raises(parser.UnreadableError, match="2 instead of 3 fields"):
        list(parser.rows("a|b|c\na|b\n", 3))


@pytest.mark.parametrize("said", [" Nothing modified\n", " Nothing new added.\n", " Nothing deleted\n"])
def test_that_nothing_had_to_be_changed_is_no_error(said: str) -> None:
    assert parser.nothing_to_do(said)


@pytest.mark.parametrize("said", ["", " Error with request: Access/permission denied\n Nothing modified\n"])
def test_an_error_beside_it_is_an_error(said: str) -> None:
    assert not parser.nothing_to_do(said)


def test_the_refused_line_of_a_load_file_is_found() -> None:
    said = "error: no TRES known by type nosuch\n Unknown option: GrpTRESMins='nosuch=3'\n Problem with line(8)\n"
    assert parser.object_refused(said)
    assert parser.refused_line(said) == 8


@pytest.mark.parametrize(
    "said",
    [
        "sacctmgr: error: slurm_persist_conn_open_without_init: failed to open: Connection refused",
        "line(2) You need to add this parent (p) as a child before you can add children to it.",
        " Your uid (65534) is not in the accounting system, can't load file.",
        "Segmentation fault",
    ],
)
def test_a_load_that_failed_as_a_whole_refuses_no_object(said: str) -> None:
    assert not parser.object_refused(said)


@pytest.mark.parametrize(
    ("shown", "job"), [("12", "12"), ("12_3", "12_3"), ("15+1", "15"), ("7_[3-9%2]", "7_[3-9%2]")]
)
def test_job_ids_are_taken_as_scancel_takes_them(shown: str, job: str) -> None:
    assert parser.job_id(shown) == job


@pytest.mark.parametrize("shown", ["", "all", "--state=RUNNING", "12 13", "JOBID"])
def test_what_is_no_job_id_never_reaches_scancel(shown: str) -> None:
    with pytest.raises(parser.UnreadableError):
        parser.job_id(shown)

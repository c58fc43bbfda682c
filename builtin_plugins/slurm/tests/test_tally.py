"""Adding up the lines of ``sacct``."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from waldur_agent_hookspecs import Usage
from waldur_agent_slurm.parser import UnreadableError
from waldur_agent_slurm.tally import Tally

COMPONENTS = ("cpu", "mem", "gres/gpu")

Run = tuple[str, str, dict[str, int], int]
"""Account, user, what was held, seconds."""

RUNS = st.lists(
    st.tuples(
        st.sampled_from(["a_one", "a_two", "somebody_elses"]),
        st.sampled_from(["alice", "bob", ""]),
        st.dictionaries(st.sampled_from([*COMPONENTS, "billing", "node"]), st.integers(0, 10**6)),
        st.integers(0, 32 * 86400),
    ),
    max_size=30,
)


def _usage(*lines: str, accounts: Iterable[str] = ("a_one", "a_two")) -> dict[str, Usage]:
    tally = Tally(list(accounts), COMPONENTS)
    tally.take(f"{line}\n".encode() for line in lines)
    return tally.usage()


def _line(run: Run) -> str:
    account, user, held, seconds = run
    return f"{account}|{user}|{','.join(f'{name}={count}' for name, count in held.items())}|{seconds}"


@given(RUNS)
def test_each_component_is_the_sum_of_count_times_seconds_in_minutes(runs: list[Run]) -> None:
    found = _usage(*map(_line, runs))
    assert set(found) == {"a_one", "a_two"}
    for account, usage in found.items():
        for name in COMPONENTS:
            shares = {"": Decimal(0), "alice": Decimal(0), "bob": Decimal(0)}
            for whose, user, held, seconds in runs:
                shares[user] += held.get(name, 0) * seconds * (whose == account)
            assert usage.unattributed.get(name, 0) == shares.pop("") / 60
            assert {user: usage.members.get(user, {}).get(name, 0) for user in shares} == {
                user: share / 60 for user, share in shares.items()
            }


@given(RUNS, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(runs: list[Run], random: object) -> None:
    lines = [_line(run) for run in runs]
    before = _usage(*lines)
    random.shuffle(lines)  # type: ignore[attr-defined] # hypothesis' own Random
    assert _usage(*lines) == before


@pytest.mark.parametrize(
    ("held", "seconds", "used"),
    [
        ("cpu=4", 5400, {"cpu": 360}),
        ("cpu=1", 40 * 86400, {"cpu": 57600}),  # longer than any month, and than 31 days
        ("mem=1536M", 60, {"mem": 1536}),
        ("mem=1536", 60, {"mem": 1536}),
        ("mem=1.50G", 60, {"mem": 1536}),
        ("mem=512K", 60, {"mem": Decimal("0.5")}),
        ("mem=2T", 60, {"mem": 2 * 1024**2}),
        ("mem=3P", 60, {"mem": 3 * 1024**3}),
        ("mem=1E", 60, {"mem": 1024**4}),
        ("cpu=2K,mem=1M", 60, {"cpu": 2048, "mem": 1}),
        ("billing=99,cpu=0,gres/gpu=2,gres/gpu:a100=2,node=1", 30, {"cpu": 0, "gres/gpu": 1}),
        ("cpu=1", 1, {"cpu": Decimal(1) / 60}),
    ],
)
def test_what_sacct_prints_is_understood(held: str, seconds: int, used: dict[str, Decimal]) -> None:
    assert _usage(f"a_one|alice|{held}|{seconds}")["a_one"] == Usage(members={"alice": used})


def test_thirds_of_a_minute_are_divided_after_adding_up() -> None:
    assert _usage(*["a_one|alice|cpu=1|20"] * 3)["a_one"].total == {"cpu": 1}


def test_a_job_without_a_user_counts_for_the_account() -> None:
    found = _usage("a_one||cpu=1|60", "a_one|alice|cpu=1|120")["a_one"]
    assert found == Usage(members={"alice": {"cpu": Decimal(2)}}, unattributed={"cpu": Decimal(1)})


@pytest.mark.parametrize("line", ["a_one|alice||0", "a_one|alice|cpu=4|0", "a_one|||0", "", "   "])
def test_a_job_that_has_not_started_used_nothing(line: str) -> None:
    assert _usage(line) == {"a_one": Usage(), "a_two": Usage()}


@pytest.mark.parametrize("other", ["a_onemore", "a", "a_one2", "somebody_elses", "a_two_"])
def test_only_the_account_of_exactly_that_name_counts(other: str) -> None:
    assert _usage(f"{other}|alice|cpu=1|60", f"x|{other}|cpu=1|60")["a_one"] == Usage()


def test_names_of_accounts_are_compared_as_slurm_does_and_names_of_users_are_kept() -> None:
    assert _usage("A_One|Alice|cpu=1|60")["a_one"].members == {"Alice": {"cpu": Decimal(1)}}


def test_a_component_that_is_not_asked_for_is_left_out_whatever_it_says() -> None:
    assert _usage("a_one|alice|energy=1.5e3,cpu=1|60")["a_one"].total == {"cpu": 1}


def test_a_job_that_ran_and_held_nothing_is_remembered() -> None:
    tally = Tally(["a_one", "a_two"], COMPONENTS)
    tally.take([b"a_one|alice||60\n", b"a_two|alice||0\n"])
    assert tally.usage() == {"a_one": Usage(), "a_two": Usage()}
    assert tally.holding_nothing == {"a_one"}


@pytest.mark.parametrize(
    "line",
    [
        "a_one|alice|cpu=1|",
        "a_one|alice|cpu=1|-60",
        "a_one|alice|cpu=1|+60",
        "a_one|alice|cpu=1|6_0",
        "a_one|alice|cpu=1|1.5",
        "a_one|alice|cpu=1|01:00:00",
        "a_one|alice|cpu=1|Unknown",
        "a_one|alice|cpu=1|60|",
        "a_one|alice|cpu=1|٦٠",
        "a_one|alice|cpu=1|9999999999999",
        "a_one|alice|cpu=1| 60",
        "a_one|alice|cpu|60",
        "a_one|alice|=1|60",
        "a_one|alice|cpu=|60",
        "a_one|alice|cpu=-1|60",
        "a_one|alice|cpu=1.2.3|60",
        "a_one|alice|cpu=18446744073709551614|60",
        "a_one|alice|mem=4Z|60",
        "a_one|60",
        "a_one|cpu=1|60",
        "a_one|al|ice|cpu=1|60",
        "60",
        "sacct: error: something",
        "Account|User|AllocTRES|ElapsedRaw",
    ],
)
def test_a_line_that_cannot_be_understood_is_quoted_and_never_counts_as_nothing(line: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        _usage("a_one|bob|cpu=1|60", line)
    assert f"line '{line.rpartition('|')[0]}" in str(caught.value)


def test_a_long_line_is_quoted_in_part() -> None:
    with pytest.raises(UnreadableError) as caught:
        _usage("x" * 10_000)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("end", ["a_one|alice|cpu=1|60", "a_one|alice|cpu=1|6", "a_one|al", "a"])
def test_an_answer_that_was_cut_within_a_line_is_no_answer(end: str) -> None:
    tally = Tally(["a_one"], COMPONENTS)
    tally.take([b"a_one|alice|cpu=1|60\n", end.encode()])
    with pytest.raises(UnreadableError, match="middle of a line"):
        tally.usage()


@given(st.lists(st.binary(max_size=60).map(lambda text: text.replace(b"\n", b"") + b"\n")))
@example([b"a_one|alice|cpu=1|60\n", b"\xff|\xfe|cpu=1|60\n"])
@example([b"a_one|\xff\xfe|cpu=1|60\n"])
def test_anything_at_all_is_either_understood_or_refused(lines: list[bytes]) -> None:
    tally = Tally(["a_one"], COMPONENTS)
    with suppress(UnreadableError):
        tally.take(lines)
        tally.usage()


PIECES = st.sampled_from(
    ["a_one", "A_ONE", "alice", "", "cpu=4", "cpu=4,mem=1G", "cpu=", "cpu", ",", "mem=1.5K", "x=1", "60", "0", "-1"]
)


@given(st.lists(PIECES, min_size=1, max_size=6))
def test_a_line_with_time_and_something_held_is_never_a_silent_zero(fields: list[str]) -> None:
    tally = Tally(["a_one"], COMPONENTS)
    try:
        tally.take([("|".join(fields) + "\n").encode()])
        total = tally.usage()["a_one"].total
    except UnreadableError:
        return
    if fields[0].lower() != "a_one" or fields[-1] == "0":
        assert not total
        return
    held = fields[2]
    assert (total.get("cpu") == 4) == ("cpu=4" in held)
    assert total or held == "x=1" or tally.holding_nothing


def _lines(count: int) -> Iterator[bytes]:
    # Hardly any line is as another, as memory and nodes differ from job to job.
    for number in range(count):
        user, megabytes = number % 20, number
        yield b"a_one|user%d|billing=8,cpu=8,mem=%dM,node=%d|%d\n" % (user, megabytes, number % 7, number)


def _peak(count: int) -> int:
    tally = Tally(["a_one"], COMPONENTS, kept=1000)
    tracemalloc.start()
    tally.take(_lines(count))
    tally.usage()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    _peak(2000)  # fills what is remembered from one tally to the next
    assert _peak(16_000) < 1.2 * _peak(4000)


def test_what_is_taken_apart_in_between_is_not_lost() -> None:
    tally = Tally(["a_one"], COMPONENTS, kept=10)
    tally.take(_lines(12_000))
    total = tally.usage()["a_one"].total
    seconds = {"cpu": sum(8 * number for number in range(12_000))}
    seconds["mem"] = sum(number * number for number in range(12_000))
    assert {name: round(amount * 60, 9) for name, amount in total.items()} == seconds


def test_lines_are_taken_one_at_a_time() -> None:
    endless = _lines(10**12)
    tally = Tally(["a_one"], COMPONENTS)
    tally.take(islice(endless, 10))
    assert next(endless).endswith(b"|10\n")

"""Reading usage with a stand-in for ``sacct``: what it is asked, and what its answers are worth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from waldur_agent_hookspecs import NotReady, Period, Usage
from waldur_agent_slurm.client import SlurmClient
from waldur_agent_slurm.usage import UsageReader, clock

MakeReader = Callable[..., UsageReader]

TRES = frozenset({"cpu", "mem", "gres/gpu"})


def _month(zone: str, year: int, month: int) -> Period:
    following = (year + month // 12, month % 12 + 1)
    return Period(*(datetime(*first, 1, tzinfo=ZoneInfo(zone)) for first in ((year, month), following)))


MARCH = _month("Europe/Tallinn", 2025, 3)


@pytest.fixture
def make_reader(tmp_path: Path) -> MakeReader:
    """Readers whose ``sacct`` is a shell script; it finds its arguments, one a line, and TZ in the file ``asked``."""

    def make(script: str = "", *, cluster: str = "test", seconds: float = 30) -> UsageReader:
        asked = tmp_path / "asked"
        path = tmp_path / "sacct"
        path.write_text(f'#!/bin/bash\nprintf "%s\\n" "TZ=$TZ" "$@" > {asked}\n{script}\n')
        path.chmod(0o755)
        return UsageReader(SlurmClient(tmp_path), cluster, ("cpu", "mem"), lambda: TRES, seconds)

    return make


def _asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_one_command_asks_for_all_runs_of_all_accounts_in_the_month_of_the_billing_zone(
    make_reader: MakeReader, tmp_path: Path
) -> None:
    make_reader().read({"a_two", "a_one"}, MARCH)
    assert _asked(tmp_path) == [
        "TZ=Europe/Tallinn", "-a", "-X", "-D", "-T", "-nP", "--noconvert", "-M", "test", "-A", "a_one,a_two",
        "-S", "2025-03-01T00:00:00", "-E", "2025-04-01T00:00:00", "--format=Account,User,AllocTRES,ElapsedRaw",
    ]  # fmt: skip


def test_more_accounts_than_an_argument_holds_are_picked_out_of_all(make_reader: MakeReader, tmp_path: Path) -> None:
    ours = {f"a_{number:060}" for number in range(2500)}
    lines = "".join(f"{name}|alice|cpu=1|60\\n" for name in ("a_", sorted(ours)[7], "somebody_elses"))
    usage = make_reader(f"printf '{lines}'").read(ours, MARCH)
    assert "-A" not in _asked(tmp_path)
    assert set(usage) == ours
    assert {name for name, one in usage.items() if one != Usage()} == {sorted(ours)[7]}


def test_for_no_accounts_nothing_is_run(make_reader: MakeReader, tmp_path: Path) -> None:
    assert make_reader("exit 1").read([], MARCH) == {}
    assert not (tmp_path / "asked").exists()


def test_what_it_prints_is_added_up(make_reader: MakeReader) -> None:
    script = r"printf 'a_one|alice|cpu=2,mem=1536M|60\na_one|alice|cpu=1|60\na_one||cpu=1|30\na_two|bob||0\n'"
    assert make_reader(script).read(["a_one", "a_two", "a_three"], MARCH) == {
        "a_one": Usage(
            members={"alice": {"cpu": Decimal(3), "mem": Decimal(1536)}}, unattributed={"cpu": Decimal("0.5")}
        ),
        "a_two": Usage(),
        "a_three": Usage(),
    }


ROW = "echo 'a_one|alice|cpu=1|60'"


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("echo 'sacct: error: Problem talking to the database' >&2; exit 1", "status 1: sacct: error: Problem"),
        (f"{ROW}; exit 1", "ended with exit status 1"),
        (f"{ROW}; echo 'sacct: error: slurmdbd: Connection reset by peer' >&2", "Connection reset by peer"),
        (f"{ROW}; echo 'sacct: fatal: out of memory' >&2", "out of memory"),
        ("echo 'sacct: error: Connection refused' >&2; exit 1", "slurmdbd does not answer; is it running?"),
        (f"{ROW}; printf 'a_one|ali'", "middle of a line: 'a_one|ali'"),
        (f"{ROW}; printf 'a_one|alice|cpu=1|6'", "middle of a line"),
        (f"{ROW}; kill -TERM $$", "signal 15"),
        (f"{ROW}; printf 'a_one|ali'; kill -KILL $$", "signal 9"),
        (f"{ROW}; exec sleep 300", "did not end within 2 s"),
        (f"{ROW}; echo 'a_one|alice|cpu=1|-1'", r"'a_one|alice|cpu=1|-1' does not end with a number of seconds"),
        (f"{ROW}; echo 'a_one|alice|cpu=x|5'; {ROW}", "'x' is no amount of a TRES, in the line 'a_one|alice|cpu=x'"),
        ("head -c 1000000 /dev/zero", "middle of a line"),
        ("head -c 1000000 /dev/zero; echo", "does not end with a number of seconds"),
    ],
)
def test_an_answer_that_is_not_whole_is_none(make_reader: MakeReader, script: str, text: str) -> None:
    with pytest.raises(NotReady) as caught:
        make_reader(script, seconds=2).read(["a_one"], MARCH)
    assert text in str(caught.value)
    assert "sacct" in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_remark_that_is_no_error_is_none(make_reader: MakeReader) -> None:
    usage = make_reader(f"{ROW}; echo 'sacct: something is deprecated' >&2").read(["a_one"], MARCH)
    assert usage["a_one"].total == {"cpu": 1}


def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="the command sacct is not in"):
        UsageReader(SlurmClient(tmp_path), "test", ("cpu",), lambda: TRES).read(["a_one"], MARCH)


def test_jobs_that_ran_and_show_no_allocation_are_pointed_out(
    make_reader: MakeReader, caplog: pytest.LogCaptureFixture
) -> None:
    usage = make_reader(f"{ROW}; echo 'a_one|alice||3600'").read(["a_one"], MARCH)
    assert usage["a_one"].total == {"cpu": 1}
    assert "jobs of a_one with a duration and without AllocTRES" in caplog.text
    assert "2025-03-01 00:00 EET to 2025-04-01 00:00 EEST" in caplog.text


def test_a_component_that_the_cluster_does_not_have_is_pointed_out_once(
    make_reader: MakeReader, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_reader(ROW)
    reader = UsageReader(SlurmClient(tmp_path), "one_without_gpus", ("cpu", "gpu", "gres/gpu"), lambda: TRES)
    for _ in range(2):
        reader.read(["a_one"], MARCH)
    (record,) = caplog.records
    assert "cluster one_without_gpus has no TRES gpu: none of it is ever used" in record.getMessage()


def test_that_the_components_cannot_be_looked_up_is_no_reason_to_bill_nobody(
    make_reader: MakeReader, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> frozenset[str]:
        raise NotReady("slurmdbd is away")

    make_reader(ROW)
    reader = UsageReader(SlurmClient(tmp_path), "test", ("cpu", "nosuch"), fail)
    assert reader.read(["a_one"], MARCH)["a_one"].total == {"cpu": 1}
    assert caplog.record_tuples == []


def test_the_command_is_not_run_in_the_zone_of_the_process(
    make_reader: MakeReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with caplog.at_level(logging.DEBUG):
        make_reader().read(["a_one"], _month("America/New_York", 2024, 2))
    assert _asked(tmp_path)[0] == "TZ=America/New_York"
    assert {"2024-02-01T00:00:00", "2024-03-01T00:00:00"} <= set(_asked(tmp_path))


@pytest.mark.parametrize(
    ("zone", "year", "month", "start"),
    [
        ("America/Havana", 2020, 11, "2020-11-01T04:00:00"),  # 00:00 comes twice; the month begins with the first
        ("America/Asuncion", 2017, 10, "2017-10-01T04:00:00"),  # 00:00 does not come: the clocks go on to 01:00
    ],
)
def test_a_time_that_the_command_could_misunderstand_is_said_in_utc(
    make_reader: MakeReader, tmp_path: Path, zone: str, year: int, month: int, start: str
) -> None:
    make_reader().read(["a_one"], _month(zone, year, month))
    asked = _asked(tmp_path)
    assert asked[0] == "TZ=UTC"
    assert asked[asked.index("-S") + 1] == start


def test_a_zone_that_the_machine_does_not_know_is_not_named_to_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clock(MARCH) == ZoneInfo("Europe/Tallinn")
    monkeypatch.setenv("TZDIR", str(tmp_path))
    assert clock(MARCH) is UTC


def test_an_offset_without_a_name_is_said_in_utc(make_reader: MakeReader, tmp_path: Path) -> None:
    start = datetime(2025, 3, 1, tzinfo=timezone(timedelta(hours=2)))
    make_reader().read(["a_one"], Period(start, start + timedelta(days=31)))
    assert {"TZ=UTC", "2025-02-28T22:00:00", "2025-03-31T22:00:00"} <= set(_asked(tmp_path))

"""Limits that SLURM can hold."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest
from waldur_agent_slurm.limits import KnownTres, limit_problem


@pytest.mark.parametrize("amount", ["0", "1", "1E+3", "1000000000000000"])
def test_whole_numbers_are_limits(amount: str) -> None:
    assert limit_problem({"cpu": Decimal(amount)}) == ""


@pytest.mark.parametrize("amount", ["-1", "1.5", "NaN", "Infinity", "1000000000000001"])
def test_what_sacctmgr_would_cut_or_wrap_around_is_none(amount: str) -> None:
    assert "cpu" in limit_problem({"mem": Decimal(1), "cpu": Decimal(amount)})


def test_unknown_tres_are_left_out_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    limits = {"cpu": Decimal(1), "gres/nosuch": Decimal(2)}
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            known = KnownTres("warned-once", lambda: frozenset({"cpu", "mem"}))
            assert known.only_known(limits) == {"cpu": Decimal(1)}
    said = [record.getMessage() for record in caplog.records if "gres/nosuch" in record.getMessage()]
    assert len(said) == 1
    assert "cluster warned-once has no TRES gres/nosuch" in said[0]


def test_the_tres_are_read_once_and_only_when_needed() -> None:
    reads: list[int] = []

    def read() -> frozenset[str]:
        reads.append(1)
        return frozenset({"cpu"})

    known = KnownTres("test", read)
    assert not reads
    known.only_known({"cpu": Decimal(1)})
    known.only_known({"cpu": Decimal(2)})
    assert len(reads) == 1

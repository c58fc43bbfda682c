"""Lists of names in pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_slurm.batches import MAX_CHARACTERS, batches


@given(st.sets(st.text(min_size=1, max_size=20)), st.integers(1, 10))
def test_nothing_is_lost_or_doubled_and_no_batch_is_too_large(names: set[str], size: int) -> None:
    found = list(batches(names, size))
    assert [name for batch in found for name in batch] == sorted(names)
    assert all(0 < len(batch) <= size for batch in found)


def test_no_argument_becomes_too_long_for_linux() -> None:
    names = {f"{number:0128}" for number in range(3000)}
    found = list(batches(names, 10_000))
    assert max(len(",".join(batch)) for batch in found) <= MAX_CHARACTERS
    assert sum(map(len, found)) == 3000

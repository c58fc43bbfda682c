from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from waldur_agent_homedirs.mkhomedir import HomeNotMade, find_program, make_home

from .conftest import People, StandIn


def test_the_program_is_found_where_path_does_not_lead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_program()
    assert found is not None
    assert Path(found).parent in {Path("/usr/sbin"), Path("/sbin")}


def test_path_comes_first(stand_in: StandIn) -> None:
    assert find_program() == str(stand_in.program)


def test_the_real_programs_failure_says_where_its_reason_is(people: People) -> None:
    program = find_program()
    assert program is not None
    with pytest.raises(HomeNotMade) as failure:
        make_home(program, "jdoe", "0077")  # nobody has joined
    command = f"{program} jdoe 0077"
    assert str(failure.value).startswith(f"{command} ended with exit status 10: ")
    assert "the system's log" in str(failure.value)


def test_a_program_that_hangs_is_killed(stand_in: StandIn) -> None:
    stand_in.becomes("exec sleep 600")
    with pytest.raises(HomeNotMade, match=r"mkhomedir_helper jdoe 0077 did not end within 0\.2 s and was killed$"):
        make_home(str(stand_in.program), "jdoe", "0077", seconds=0.2)


@pytest.fixture
def terminal() -> Iterator[None]:
    """Somebody who says yes to everything that asks on standard input."""
    kept = os.dup(0)
    reading, writing = os.pipe()
    os.write(writing, b"yes\n" * 9)
    os.dup2(reading, 0)
    yield
    os.dup2(kept, 0)
    for descriptor in (kept, reading, writing):
        os.close(descriptor)


def test_a_home_is_finished_even_if_the_agents_session_ends(stand_in: StandIn) -> None:
    stand_in.becomes("read -r pid name state parent group session rest </proc/$$/stat\ntest $session = $$")
    make_home(str(stand_in.program), "jdoe", "0077")


def test_a_program_that_asks_gets_no_answer(stand_in: StandIn, terminal: None) -> None:
    stand_in.becomes("read answer || { echo 'nobody answers' >&2; exit 3; }")
    with pytest.raises(HomeNotMade, match=r"exit status 3: nobody answers$"):
        make_home(str(stand_in.program), "jdoe", "0077")


def test_a_program_that_cannot_be_started_is_told(stand_in: StandIn) -> None:
    stand_in.program.write_text("#!/no/such/shell\n")
    with pytest.raises(HomeNotMade, match=r"cannot be started: No such file or directory$"):
        make_home(str(stand_in.program), "jdoe", "0077")


def test_a_name_is_one_argument_and_no_shell_sees_it(stand_in: StandIn) -> None:
    stand_in.becomes(f'echo "$#" >>{stand_in.folder}/calls')
    make_home(str(stand_in.program), "$(reboot) ; jdoe", "0077")
    assert stand_in.calls == ["$(reboot) ; jdoe 0077", "2"]

from __future__ import annotations

import pytest
import waldur_agent_hookspecs as contract
from waldur_agent_hookspecs import (
    CHANGE_ORDER,
    AccountRef,
    AddMember,
    BackendError,
    Change,
    CreateAccount,
    NotReady,
    Outcome,
    OutcomeStatus,
    Party,
    RemoveMember,
    specs,
)

CREATE = CreateAccount(ref=AccountRef("r", "", "s", "n", Party("p", "s"), Party("c", "s")), reason="asked for")


def test_every_kind_of_change_has_its_place() -> None:
    kinds = {value for value in vars(contract).values() if isinstance(value, type) and issubclass(value, Change)}
    assert set(CHANGE_ORDER) == kinds - {Change}
    assert len(set(CHANGE_ORDER)) == len(CHANGE_ORDER)


def test_every_kind_is_the_hook_that_does_it() -> None:
    assert all(hasattr(specs, kind.kind) for kind in CHANGE_ORDER)


def test_people_come_in_before_others_go() -> None:
    assert CHANGE_ORDER.index(AddMember) < CHANGE_ORDER.index(RemoveMember)


@pytest.mark.parametrize("status", OutcomeStatus)
def test_only_what_holds_now_is_good(status: OutcomeStatus) -> None:
    assert Outcome(CREATE, status).good is (status in {OutcomeStatus.DONE, OutcomeStatus.UNCHANGED})


def test_a_hook_that_makes_one_change_tells_its_outcome() -> None:
    assert Outcome(CREATE, OutcomeStatus.DONE).settled()
    assert not Outcome(CREATE, OutcomeStatus.UNCHANGED).settled()
    with pytest.raises(BackendError, match="it said no"):
        Outcome(CREATE, OutcomeStatus.FAILED, "it said no").settled()


@pytest.mark.parametrize("status", [OutcomeStatus.WAITING, OutcomeStatus.NOT_READY, OutcomeStatus.HELD])
def test_what_was_not_done_now_is_not_ready(status: OutcomeStatus) -> None:
    with pytest.raises(NotReady, match="later") as error:
        Outcome(CREATE, status, "later").settled()
    assert error.value.expected is (status is OutcomeStatus.WAITING)

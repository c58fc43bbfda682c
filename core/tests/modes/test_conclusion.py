from __future__ import annotations

from waldur_agent.modes.order_process.settlement import worst
from waldur_agent_hookspecs import AccountRef, DeleteAccount, Outcome, OutcomeStatus, Party

CHANGE = DeleteAccount(ref=AccountRef("1" * 32, "a", "a", "a", Party("", ""), Party("", "")), reason="")


def outcomes(*statuses: OutcomeStatus) -> list[Outcome]:
    return [Outcome(CHANGE, status, str(status)) for status in statuses]


def test_good_outcomes_keep_no_order_from_being_done() -> None:
    assert worst(outcomes(OutcomeStatus.DONE, OutcomeStatus.UNCHANGED)) is None
    assert worst([]) is None


def test_a_refusal_counts_more_than_anything_that_may_pass() -> None:
    found = worst(outcomes(OutcomeStatus.WAITING, OutcomeStatus.HELD, OutcomeStatus.FAILED, OutcomeStatus.NOT_READY))
    assert found is not None
    assert found.status is OutcomeStatus.FAILED


def test_waiting_is_the_least() -> None:
    found = worst(outcomes(OutcomeStatus.WAITING, OutcomeStatus.HELD))
    assert found is not None
    assert found.status is OutcomeStatus.HELD

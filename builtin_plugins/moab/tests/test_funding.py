"""Deposits into a fund, and nothing twice."""

from __future__ import annotations

import logging
import threading
import time
from decimal import Decimal

import pytest
from services.mam import Fault, Mam
from services.mam_plans import deposit, make_plugin, make_ref, uuid_of
from waldur_agent_hookspecs import LimitChange, NotReady, Order, OrderType, SetLimits, Verdict
from waldur_agent_moab.backend import MoabPlugin

HERE = make_ref(backend_id="a_climate")


@pytest.fixture(autouse=True)
def _account(mam: Mam, plugin: MoabPlugin) -> None:
    del mam
    plugin.create_account(make_ref())


def put(plugin: MoabPlugin, change: SetLimits) -> bool:
    return plugin.set_limits(HERE, change.limits)


def test_a_deposit_says_what_it_is_for_and_is_made_once(mam: Mam, plugin: MoabPlugin) -> None:
    assert put(plugin, deposit(HERE, "100.50"))
    assert not put(plugin, deposit(HERE, "100.50"))
    assert not put(make_plugin(), deposit(HERE, "100.50"))
    assert mam.deposits("a_climate") == [Decimal("100.50")]
    order, resource = uuid_of("create"), uuid_of("climate")
    ((text,),) = mam.sql("select description from transactions")
    assert text == f"waldur order {order} resource {resource} amount 100.5 total 100.5"
    assert put(plugin, deposit(HERE, 150, 100, "update"))
    assert mam.deposits("a_climate") == [Decimal("100.50"), Decimal("49.50")]


def test_what_somebody_else_deposited_does_not_count(mam: Mam, plugin: MoabPlugin) -> None:
    mam.deposit("a_climate", "1000")
    assert put(plugin, deposit(HERE, 100))
    mam.deposit("a_climate", "50", "a present")
    assert put(plugin, deposit(HERE, 150, 100, "update"))
    assert mam.deposits("a_climate") == [1000, 100, 50, 50]


@pytest.mark.parametrize("amount", [0, -5, "-0.01"])
def test_nothing_and_less_is_no_deposit(mam: Mam, plugin: MoabPlugin, amount: object) -> None:
    assert not put(plugin, deposit(HERE, amount))
    assert mam.deposits("a_climate") == []


def test_limits_without_a_deposit_are_none(mam: Mam, plugin: MoabPlugin) -> None:
    assert plugin.set_limits(HERE, LimitChange({})) is False
    assert plugin.set_limits(HERE, LimitChange({"cpu": Decimal(1)})) is False
    assert mam.deposits("a_climate") == []


def test_less_than_before_is_told_and_nothing_is_taken_back(
    mam: Mam, plugin: MoabPlugin, caplog: pytest.LogCaptureFixture
) -> None:
    put(plugin, deposit(HERE, 100))
    assert not put(plugin, deposit(HERE, 80, 100, "less"))
    assert "20 more was deposited already; nothing is taken back" in caplog.text
    assert put(plugin, deposit(HERE, 110, 80, "more"))
    assert mam.deposits("a_climate") == [100, 10]


def test_the_deposits_of_an_earlier_agent_count_by_what_waldur_had(mam: Mam, plugin: MoabPlugin) -> None:
    mam.deposit("a_climate", "100")
    assert put(plugin, deposit(HERE, 150, 100, "update"))
    assert put(plugin, deposit(HERE, 180, 150, "another"))
    assert mam.deposits("a_climate") == [100, 50, 30]


def test_a_deposit_that_did_not_end_is_looked_for_and_not_repeated(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-deposit", errors="connection lost\n", status=1))
    with pytest.raises(NotReady, match="connection lost"):
        put(plugin, deposit(HERE, 100))
    assert not put(plugin, deposit(HERE, 100))
    assert mam.deposits("a_climate") == [100]
    mam.inject(Fault(program="mam-deposit", run=False, errors="connection lost\n", status=1))
    with pytest.raises(NotReady, match="connection lost"):
        put(plugin, deposit(HERE, 150, 100, "update"))
    assert put(plugin, deposit(HERE, 150, 100, "update"))
    assert mam.deposits("a_climate") == [100, 50]


def test_where_nothing_can_be_read_back_nothing_is_deposited(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("no-transactions", "no-allocations", "no-allocated")
    with pytest.raises(NotReady, match="nothing is deposited"):
        put(plugin, deposit(HERE, 100))
    assert mam.deposits("a_climate") == []


def test_a_listing_that_fails_with_everything_else_is_not_taken_for_missing(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-list-transactions", status=1, errors="busy\n", output="", once=False))
    assert put(plugin, deposit(HERE, 100))  # read back from the allocations instead
    mam.heal()
    for program in ("mam-list-allocations", "mam-list-accounts"):
        mam.inject(Fault(program=program, status=1, errors="busy\n", output="", once=False, match="--show"))
    with pytest.raises(NotReady, match="busy"):
        put(make_plugin(), deposit(HERE, 150, 100, "update"))
    assert mam.deposits("a_climate") == [100]


def test_a_listing_that_was_answered_before_is_not_taken_for_missing(mam: Mam, plugin: MoabPlugin) -> None:
    assert put(plugin, deposit(HERE, 100))
    mam.inject(Fault(program="mam-list-transactions", status=1, errors="too many connections\n", output=""))
    with pytest.raises(NotReady, match="too many connections"):
        put(plugin, deposit(HERE, 150, 100, "update"))
    assert put(plugin, deposit(HERE, 150, 100, "update"))
    assert mam.deposits("a_climate") == [100, 50]


@pytest.mark.parametrize("told", [[], ["no-transactions"], ["no-transactions", "no-allocations"]])
def test_a_mam_that_takes_no_descriptions_gets_none(mam: Mam, plugin: MoabPlugin, told: list[str]) -> None:
    mam.plays("no-deposit-description", *told)
    assert put(plugin, deposit(HERE, 100))
    assert not put(make_plugin(), deposit(HERE, 100))
    assert put(make_plugin(), deposit(HERE, 150, 100, "update"))
    assert not put(make_plugin(), deposit(HERE, 150, 100, "update"))
    assert mam.deposits("a_climate") == [100, 50]


def test_an_order_that_this_process_saw_before_its_approval_is_certain(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("no-transactions", "one-allocation")
    put(plugin, deposit(HERE, 100))
    mam.deposit("a_climate", "80")
    change = deposit(HERE, 150, 100, "update")
    with pytest.raises(NotReady, match="it cannot be told"):
        put(plugin, change)
    order = Order(change.order, OrderType.UPDATE, HERE, change.limits.wanted)
    assert plugin.review_order(order).verdict is Verdict.ACCEPT
    assert put(plugin, change)
    assert mam.deposits("a_climate") == [100, 80, 50]
    with pytest.raises(NotReady, match="it cannot be told"):
        put(plugin, change)


def test_of_several_funds_the_first_that_is_its_own_is_used(mam: Mam, plugin: MoabPlugin) -> None:
    (own,) = mam.funds("a_climate")
    mam.sql("update funds set id = id + 100 where account = 'a_climate'")
    open_to_all = mam.add_open_fund()
    mam.run("mam-create-fund", "-a", "a_climate")
    assert put(plugin, deposit(HERE, 100))
    assert mam.sql("select fund from transactions") == [(own + 100,)]
    assert open_to_all not in {row[0] for row in mam.sql("select fund from transactions")}
    assert not put(make_plugin(), deposit(HERE, 100))


def test_text_instead_of_an_id_is_told(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-list-funds", output="42\nFund_43\n", once=False))
    with pytest.raises(NotReady, match="'Fund_43' where the id of a fund was expected"):
        put(plugin, deposit(HERE, 100))


def test_without_a_fund_of_its_own_the_account_is_named(mam: Mam, plugin: MoabPlugin) -> None:
    mam.sql("update funds set deleted = 1")
    mam.add_open_fund()
    with pytest.raises(NotReady, match="mam-create-fund -a a_climate"):
        put(plugin, deposit(HERE, 100))


def test_a_deposit_that_a_killed_agent_left_behind_is_waited_for(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-deposit", sleep=1.5))
    change = deposit(HERE, 100)
    other = threading.Thread(target=put, args=(plugin, change))
    other.start()
    while not [call for call in mam.calls if call.program == "mam-deposit"]:
        time.sleep(0.02)
    assert not put(make_plugin(), change)
    other.join()
    assert mam.deposits("a_climate") == [100]


def test_a_preview_names_the_commands(mam: Mam, plugin: MoabPlugin) -> None:
    new = make_ref("waves")
    with mam.counted() as calls:
        shown = plugin.preview_changes([deposit(HERE, 100), deposit(new, 5)])
    assert not [call for call in calls if call.writes]
    assert shown.commands[0].startswith("mam-deposit -a a_climate -z 100 -f ")
    assert "a_waves" in shown.commands[1]
    assert shown.commands[1].startswith("# ")


def test_a_failing_command_is_told_without_being_root(
    mam: Mam, plugin: MoabPlugin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mam.inject(Fault(program="mam-deposit", run=False, status=3))
    with pytest.raises(NotReady, match=r"mam-deposit -a a_climate .* ended with exit status 3: it said nothing"):
        put(plugin, deposit(HERE, 100))

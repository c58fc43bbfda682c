"""Orders judged before they are approved."""

from __future__ import annotations

from decimal import Decimal

import pytest
from services.slurm_plans import make_ref
from waldur_agent_hookspecs import AccountRef, NamePolicy, Order, OrderType, Review, Verdict
from waldur_agent_slurm.review import review
from waldur_agent_slurm.settings import SlurmSettings

SETTINGS = SlurmSettings(customer_prefix="c_", project_prefix="p_", allocation_prefix="a_")
SAME = SlurmSettings(customer_prefix="hpc_", project_prefix="hpc_", allocation_prefix="hpc_")


def _create(ref: AccountRef, settings: SlurmSettings = SETTINGS, **limits: str) -> Review:
    asked = {name: Decimal(amount) for name, amount in limits.items()}
    return review(Order("0" * 32, OrderType.CREATE, ref, asked), settings)


def test_an_ordinary_order_is_accepted() -> None:
    assert _create(make_ref(), cpu="100", mem="0") == Review(Verdict.ACCEPT)


@pytest.mark.parametrize("missing", ["project", "customer"])
def test_an_order_without_a_slug_waits(missing: str) -> None:
    found = _create(make_ref(**{missing: ""}))
    assert found.verdict is Verdict.WAIT
    assert missing in found.text


@pytest.mark.parametrize("slug", ["ünï", "x" * 300, "a b"])
def test_a_slug_that_can_never_name_an_account_is_rejected(slug: str) -> None:
    found = _create(make_ref(slug))
    assert found.verdict is Verdict.REJECT
    assert "account name" in found.text


@pytest.mark.parametrize("amount", ["1.5", "-1"])
@pytest.mark.parametrize("kind", [OrderType.CREATE, OrderType.UPDATE])
def test_a_limit_that_slurm_cannot_hold_is_rejected(amount: str, kind: OrderType) -> None:
    found = review(Order("0" * 32, kind, make_ref(), {"cpu": Decimal(amount)}), SETTINGS)
    assert found.verdict is Verdict.REJECT
    assert f"cpu={amount}" in found.text


def test_levels_that_would_share_an_account_are_rejected() -> None:
    assert _create(make_ref("ocean"), SAME).verdict is Verdict.REJECT
    assert _create(make_ref("one", project="uni", customer="uni"), SAME).verdict is Verdict.REJECT
    assert _create(make_ref("one"), SAME).verdict is Verdict.ACCEPT


def test_named_after_its_project_an_account_steps_aside() -> None:
    assert _create(make_ref("one", name_policy=NamePolicy.PROJECT_SLUG), SAME).verdict is Verdict.ACCEPT


def test_a_terminate_order_is_never_kept_from_ending_an_account() -> None:
    assert review(Order("0" * 32, OrderType.TERMINATE, make_ref("")), SETTINGS).verdict is Verdict.ACCEPT

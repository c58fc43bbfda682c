from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from waldur_agent_hookspecs import (
    AccountRef,
    AccountStatus,
    AddMember,
    CreateAccount,
    DeleteAccount,
    LimitChange,
    Member,
    Period,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
)
from waldur_agent_sandbox import Cluster, SandboxPlugin, jobs

MakeRef = Callable[..., AccountRef]
WHY = "asked for"


def test_every_change_is_one_line_and_none_has_an_effect(
    plugin: SandboxPlugin, cluster: Cluster, make_ref: MakeRef
) -> None:
    new, old = make_ref("new"), make_ref("old")
    plugin.create_account(old)
    before = cluster.database.read_bytes()
    jdoe, amounts = Member("jdoe"), LimitChange({"mem": Decimal(61440), "cpu": Decimal("6E+3")})
    shown = plugin.preview_changes(
        [
            CreateAccount(ref=new, reason=WHY),
            SetStatus(ref=new, reason=WHY, status=AccountStatus.PAUSED),
            SetLimits(ref=new, reason=WHY, limits=amounts),
            AddMember(ref=new, reason=WHY, member=jdoe),
            SetMemberLimits(ref=new, reason=WHY, member=jdoe, limits=LimitChange({})),
            RemoveMember(ref=old, reason=WHY, member=jdoe),
            DeleteAccount(ref=old, reason=WHY),
        ]
    )
    assert shown.commands == (
        "create_account a_new",
        "set_status a_new paused",
        "set_limits a_new cpu=6000,mem=61440",
        "add_member a_new jdoe",
        "set_member_limits a_new jdoe nothing",
        "remove_member a_old jdoe",
        "delete_account a_old",
    )
    assert shown.jobs_at_risk == {}
    assert cluster.database.read_bytes() == before


def test_the_active_jobs_of_who_goes_are_at_risk(plugin: SandboxPlugin, cluster: Cluster, make_ref: MakeRef) -> None:
    one, two = make_ref("one"), make_ref("two")
    now = datetime.now(UTC)
    span = Period(now - timedelta(hours=1), now + timedelta(hours=1))
    for ref in (one, two):
        name = plugin.create_account(ref)
        with cluster.writing() as db:
            for username in ("jdoe", "jdoe", "asmith"):
                jobs.simulate(db, name, username, span, {"cpu": Decimal(1)})
    changes = [RemoveMember(ref=one, reason=WHY, member=Member("jdoe")), DeleteAccount(ref=two, reason=WHY)]
    assert plugin.preview_changes(changes).jobs_at_risk == {"a_one": 2, "a_two": 3}


def test_a_change_whose_account_cannot_be_named_says_why(plugin: SandboxPlugin, make_ref: MakeRef) -> None:
    (line,) = plugin.preview_changes([CreateAccount(ref=make_ref(""), reason=WHY)]).commands
    assert line.startswith("create_account (Waldur tells no slug for resource r-,")

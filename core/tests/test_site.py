from __future__ import annotations

import inspect
import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from waldur_agent.registry import PluginEntry, implemented_hooks
from waldur_agent.site import PluginBug, Site, SiteError
from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    BackendError,
    Change,
    Component,
    CreateAccount,
    DeleteAccount,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    NotReady,
    Order,
    OrderType,
    Outcome,
    OutcomeStatus,
    Party,
    RemoveMember,
    Review,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    UserActionNeeded,
    Verdict,
    hookimpl,
    specs,
)

REF = AccountRef("1" * 32, "", "climate", "Climate", Party("2" * 32, "ocean"), Party("3" * 32, "uni"))
OTHER = AccountRef("4" * 32, "", "genome", "Genome", Party("2" * 32, "ocean"), Party("3" * 32, "uni"))
JANE = Member("jane")
LIMITS = LimitChange(wanted={"cpu": Decimal(5)})


class Plugin:
    """What all plugins of these tests have."""

    api_version = 1
    settings_model = dict

    def __init__(self, settings: object = None, context: object = None) -> None:
        self.heard: list[object] = []


def site(**plugins: Plugin) -> Site:
    return Site("Cluster", [(entry(name, type(plugin)), plugin) for name, plugin in plugins.items()])


def entry(name: str, plugin: type[Any]) -> PluginEntry:
    return PluginEntry(name, plugin, f"dist-{name}", "1.2", implemented_hooks(plugin))


class Single(Plugin):
    """Every account hook, one by one; notes its calls and can be told what to raise."""

    def __init__(self, **raising: Exception) -> None:
        super().__init__()
        self.raising = raising

    def note(self, what: str, *arguments: object) -> bool:
        self.heard.append((what, *arguments))
        if what in self.raising:
            raise self.raising[what]
        return True

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        self.note("create_account", ref.slug)
        return f"a_{ref.slug}"

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        return self.note("set_limits", ref.slug, dict(change.wanted))

    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        return self.note("set_status", ref.slug, status)

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        self.note("add_member", ref.slug, member.username)
        return False

    @hookimpl
    def remove_member(self, member: Member) -> bool:
        return self.note("remove_member", member.username)

    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        return self.note("set_member_limits", ref.slug, member.username, dict(change.wanted))

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        return self.note("delete_account", ref.slug)


def hooks() -> list[str]:
    return [name for name, member in vars(specs).items() if hasattr(member, "waldur_agent_spec")]


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_has_a_typed_method_with_the_same_arguments(hook: str) -> None:
    method = inspect.signature(getattr(Site, hook))
    wanted = list(inspect.signature(getattr(specs, hook)).parameters)
    assert [name for name in method.parameters if name != "self"] == wanted
    hints = [*(parameter.annotation for parameter in method.parameters.values())][1:]
    assert inspect.Signature.empty not in [*hints, method.return_annotation]


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_is_fired_by_its_method(hook: str) -> None:
    arguments = list(inspect.signature(getattr(specs, hook)).parameters)
    heard: list[dict[str, object]] = []
    namespace: dict[str, Any] = {"heard": heard}
    names = "".join(f", {name}" for name in arguments)
    values = ", ".join(f"{name}={name}" for name in arguments)
    # pluggy reads an implementation's argument names, so it needs a function with just these.
    exec(f"def {hook}(self{names}):\n    heard.append(dict({values}))\n    return answer", namespace)  # noqa: S102
    namespace["answer"] = _answers(hook)
    listener = type("Listener", (Plugin,), {hook: hookimpl(namespace[hook])})
    given = {name: f"<{name}>" for name in arguments}
    if hook == "list_accounts":
        given["refs"] = []  # type: ignore[assignment]
    if hook == "apply_changes":
        given["changes"] = []  # type: ignore[assignment]
    getattr(site(one=listener()), hook)(**given)
    assert heard == [given]


def _answers(hook: str) -> object:
    answers: dict[str, object] = {"review_order": Review(Verdict.ACCEPT), "apply_changes": [], "check_health": []}
    if hook == "preview_changes":
        from waldur_agent_hookspecs import Preview

        return Preview()
    text = {"create_account", "find_username", "generate_username"}
    mapping = {"describe_components", "list_accounts", "collect_usage", "account_metadata", "prepare_users"}
    return answers.get(hook, "x" if hook in text else {} if hook in mapping else True)


def test_a_misspelt_hook_is_refused_at_start() -> None:
    class Misspelt(Plugin):
        @hookimpl
        def create_acount(self) -> str:
            return ""

    with pytest.raises(SiteError, match="create_acount"):
        site(one=Misspelt())


def test_an_unknown_argument_is_refused_at_start() -> None:
    class Odd(Plugin):
        @hookimpl
        def create_account(self, reference: AccountRef) -> str:
            return str(reference)

    with pytest.raises(SiteError, match="reference"):
        site(one=Odd())


def test_two_answerers_of_one_question_are_refused_and_both_named() -> None:
    with pytest.raises(SiteError, match=r"'two' \(dist-two 1.2\) and plugin 'one' \(dist-one 1.2\) both answer"):
        site(one=Single(), two=Single())


def test_a_missing_hook_is_named_with_the_mode_that_needs_it() -> None:
    with pytest.raises(SiteError, match=r"'one' \(dist-one 1.2\) does not implement list_accounts, which order_p"):
        site(one=Single()).require(("create_account", "list_accounts"), "order_process")


@pytest.mark.parametrize("attribute", ["class", "instance"])
def test_none_in_the_place_of_a_hook_takes_it_back(attribute: str) -> None:
    plugin = type("Narrow", (Single,), {"set_status": None} if attribute == "class" else {})()
    vars(plugin).update({"set_status": None} if attribute == "instance" else {})
    assert not site(narrow=plugin).can("set_status")
    assert site(narrow=plugin).can("set_limits")


def test_defaults_where_optional_questions_have_no_answerer() -> None:
    bare = site(one=Single())
    component = Component("cpu", "limit", Decimal(60000), "k-Hours", "CPU")
    assert bare.describe_components({"cpu": component})["cpu"].factor == 60000
    assert bare.review_order(Order("5" * 32, OrderType.CREATE, REF)).verdict is Verdict.ACCEPT
    assert dict(bare.account_metadata(REF)) == {}
    assert bare.preview_changes([]).commands == ()
    assert bare.find_username(_anybody()) == bare.generate_username(_anybody(), frozenset()) == ""


def _anybody() -> Any:
    from waldur_agent_hookspecs import User

    return User("6" * 32)


def test_an_account_left_out_of_an_answer_is_the_plugins_bug() -> None:
    class Forgetful(Plugin):
        @hookimpl
        def list_accounts(self, refs: Sequence[AccountRef]) -> dict[str, AccountState]:
            return {refs[0].resource_uuid: AccountState(exists=False)}

    with pytest.raises(
        PluginBug, match=r"'one' \(dist-one 1.2\): list_accounts left out 1 of 2 accounts, such as 4444"
    ):
        site(one=Forgetful()).list_accounts([REF, OTHER])


@pytest.mark.parametrize("answer", [None, 3, "text"])
def test_an_answer_of_the_wrong_kind_is_the_plugins_bug(answer: object) -> None:
    class Wrong(Plugin):
        @hookimpl
        def list_accounts(self) -> object:
            return answer

    with pytest.raises(PluginBug, match=f"list_accounts answered {type(answer).__name__} instead of Mapping"):
        site(one=Wrong()).list_accounts([REF])


def test_an_unexpected_exception_names_plugin_version_and_hook() -> None:
    with pytest.raises(
        PluginBug, match=r"'one' \(dist-one 1.2\) failed in create_account: KeyError\('x'\)"
    ) as caught:
        site(one=Single(create_account=KeyError("x"))).create_account(REF)
    assert isinstance(caught.value.__cause__, KeyError)


def test_expected_errors_come_through_as_they_are() -> None:
    with pytest.raises(NotReady, match="later"):
        site(one=Single(create_account=NotReady("later"))).create_account(REF)


def _plan() -> list[Change]:
    return [
        DeleteAccount(ref=OTHER, reason=""),
        AddMember(ref=REF, reason="", member=JANE),
        RemoveMember(ref=REF, reason="", member=Member("joe")),
        SetMemberLimits(ref=REF, reason="", member=JANE, limits=LIMITS),
        SetLimits(ref=REF, reason="", limits=LIMITS),
        SetStatus(ref=REF, reason="", status=AccountStatus.PAUSED),
        CreateAccount(ref=REF, reason=""),
    ]


def test_without_the_bulk_hook_the_single_ones_are_fired_in_dependency_order() -> None:
    plugin = Single()
    outcomes = site(one=plugin).apply(_plan())
    assert [call[0] for call in plugin.heard] == [  # type: ignore[index]
        *("create_account", "set_status", "set_limits", "add_member", "set_member_limits", "remove_member"),
        "delete_account",
    ]
    by_kind = {outcome.change.kind: outcome for outcome in outcomes}
    assert by_kind["create_account"].backend_id == "a_climate"
    assert by_kind["add_member"].status is OutcomeStatus.UNCHANGED
    assert {outcome.status for outcome in outcomes} == {OutcomeStatus.DONE, OutcomeStatus.UNCHANGED}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BackendError("no"), OutcomeStatus.FAILED),
        (NotReady("later"), OutcomeStatus.NOT_READY),
        (NotReady("not yet", expected=True), OutcomeStatus.WAITING),
        (UserActionNeeded("link it"), OutcomeStatus.WAITING),
        (ZeroDivisionError("oops"), OutcomeStatus.NOT_READY),
    ],
)
def test_every_way_of_raising_ends_as_an_outcome_and_the_others_go_on(
    error: Exception, status: OutcomeStatus
) -> None:
    outcomes = site(one=Single(add_member=error)).apply(_plan())
    added = next(outcome for outcome in outcomes if isinstance(outcome.change, AddMember))
    assert added.status is status
    assert added.text
    assert sum(outcome.good for outcome in outcomes) == len(outcomes) - 1


def test_without_its_account_nothing_else_is_tried() -> None:
    plugin = Single(create_account=BackendError("the name is taken"))
    outcomes = site(one=plugin).apply(_plan())
    assert [call[0] for call in plugin.heard] == ["create_account", "delete_account"]  # type: ignore[index]
    refused = [outcome for outcome in outcomes if outcome.change.ref == REF]
    assert {outcome.status for outcome in refused} == {OutcomeStatus.FAILED}
    assert all("the name is taken" in outcome.text for outcome in refused)


class Bulk(Plugin):
    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Any:
        return self.answer(changes)


def _all_done(changes: Sequence[Change]) -> list[Outcome]:
    return [Outcome(change, OutcomeStatus.DONE) for change in reversed(changes)]


def test_the_bulk_hook_gets_the_whole_plan_and_outcomes_come_back_in_its_order() -> None:
    changes = _plan()
    outcomes = site(one=Bulk(_all_done)).apply(changes)
    assert [outcome.change for outcome in outcomes] == changes


@pytest.mark.parametrize(
    "answer",
    [
        lambda changes: _all_done(changes)[1:],
        lambda changes: _all_done(changes) + _all_done(changes)[:1],
        lambda _: [],
        lambda changes: 1 / 0,
        lambda changes: Single(x=BackendError("no")).note("x"),
    ],
    ids=["one missing", "one twice", "none", "raises", "refuses them all"],
)
def test_a_broken_bulk_answer_leaves_every_change_as_not_ready(answer: Any) -> None:
    outcomes = site(one=Bulk(answer)).apply(_plan())
    assert [outcome.status for outcome in outcomes] == [OutcomeStatus.NOT_READY] * len(_plan())


def test_nothing_to_do_asks_nobody() -> None:
    assert site(one=Bulk(lambda _: pytest.fail("was asked"))).apply([]) == []


class Listener(Plugin):
    @hookimpl
    def members_synced(self, members: Sequence[Member]) -> None:
        self.heard.append([member.username for member in members])

    @hookimpl
    def hook_finished(self, outcome: Outcome) -> None:
        self.heard.append(outcome.change.kind)


class Deaf(Plugin):
    @hookimpl
    def members_synced(self) -> None:
        raise RuntimeError("deaf")

    @hookimpl
    def hook_finished(self) -> None:
        raise RuntimeError("deaf")


def test_a_failing_listener_neither_breaks_nor_silences(caplog: pytest.LogCaptureFixture) -> None:
    first, last = Listener(), Listener()
    with caplog.at_level(logging.WARNING):
        ours = site(a=first, b=Deaf(), c=last, backend=Single())
        ours.members_synced(REF, [JANE])
        ours.apply([CreateAccount(ref=REF, reason="")])
    assert first.heard == last.heard == [["jane"], "create_account"]
    assert caplog.messages == [
        "plugin 'b' (dist-b 1.2) failed in members_synced",
        "plugin 'b' (dist-b 1.2) failed in hook_finished",
    ]


def test_health_is_asked_of_everybody_and_a_fault_is_a_bad_entry() -> None:
    class Well(Plugin):
        @hookimpl
        def check_health(self) -> list[Health]:
            return [Health("sacctmgr", HealthStatus.GOOD)]

    class Ill(Plugin):
        @hookimpl
        def check_health(self) -> list[Health]:
            raise ValueError("odd")

    class Away(Plugin):
        @hookimpl
        def check_health(self) -> list[Health]:
            raise NotReady("slurmdbd does not answer")

    found = site(well=Well(), ill=Ill(), away=Away()).check_health()
    assert sorted((item.check, item.status) for item in found) == [
        ("away", HealthStatus.BAD),
        ("ill", HealthStatus.BAD),
        ("sacctmgr", HealthStatus.GOOD),
    ]

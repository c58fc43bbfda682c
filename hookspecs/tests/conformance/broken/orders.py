"""Faults in reviews, components, previews and health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from waldur_agent_hookspecs import (
    AccountRef,
    Change,
    Component,
    ComponentRule,
    CreateAccount,
    Health,
    HealthStatus,
    LimitChange,
    Order,
    OrderType,
    PluginError,
    Preview,
    Review,
    Verdict,
    hookimpl,
)

from .memory import Account, MemoryPlugin
from .table import fault


@fault("review_order", "REV-001", "REV-003", "REV-004", "REV-005", "REV-008")
class TurnsAwayAll(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        if not order.limits and order.type is OrderType.CREATE:
            raise LookupError(order.uuid)
        return Review(Verdict.REJECT, "not today")


@fault("review_order", "REV-002")
class TakesAll(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        return Review(Verdict.ACCEPT)


@fault("review_order", "REV-003")
class RejectsWhatMayComeLater(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        review = super().review_order(order)
        return review if review.verdict is Verdict.ACCEPT else Review(Verdict.REJECT, review.text)


@fault("review_order", "REV-004")
class LooksAtNamesOfWhatEnds(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        return super().review_order(replace(order, type=OrderType.CREATE))


@fault("review_order", "REV-006")
class ReviewsByMaking(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        try:
            self.create_account(order.ref)
        except PluginError as reason:
            return Review(Verdict.REJECT, str(reason))
        return Review(Verdict.ACCEPT)


@fault("review_order", "REV-007")
class ChangesItsMind(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        return Review(Verdict.WAIT, f"said instance {id(self)}")


@fault("review_order", "REV-002")
class RejectsWithoutAText(MemoryPlugin):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        return replace(super().review_order(order), text="")


# ---------------------------------------------------------------- components


class _Rules(MemoryPlugin):
    def rule(self, rule: ComponentRule) -> ComponentRule:
        """What becomes of each rule."""
        return rule

    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        return {name: self.rule(rule) for name, rule in super().describe_components(configured).items()}


@fault("describe_components", "CMP-001")
class DoublesTheFactor(_Rules):
    def rule(self, rule: ComponentRule) -> ComponentRule:
        return replace(rule, factor=rule.factor * 2)


@fault("describe_components", "CMP-001", "CMP-003")
class FactorsAreFloats(_Rules):
    def rule(self, rule: ComponentRule) -> ComponentRule:
        factor: Any = float(rule.factor)
        return replace(rule, factor=factor)


@fault("describe_components", "CMP-002")
class ServesWhatIsNotConfigured(MemoryPlugin):
    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        return {**super().describe_components(configured), "credits": ComponentRule(Decimal(1))}


@fault("describe_components", "CMP-003")
class CountsItsCalls(_Rules):
    def rule(self, rule: ComponentRule) -> ComponentRule:
        self.called = getattr(self, "called", 0) + 1
        return replace(rule, step=Decimal(id(self) % 97 + self.called))


@fault("describe_components", "CMP-004")
class ServesNothing(MemoryPlugin):
    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        return {}


@fault("describe_components", "CMP-005")
class LeavesOutWhatItLimits(MemoryPlugin):
    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        return {name: rule for name, rule in super().describe_components(configured).items() if name == "cpu"}


@fault("set_limits", "CMP-007")
class HoldsWholeHours(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        whole = {name: amount // 60 * 60 for name, amount in change.wanted.items()}
        return super().set_limits(ref, LimitChange(whole))


# ---------------------------------------------------------------- previews


@fault("preview_changes", "PRE-001")
class PreviewsByDoing(MemoryPlugin):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        for change in changes:
            self.carried_out(change)
        return super().preview_changes(changes)


@fault("preview_changes", "PRE-002", "PRE-005")
class PreviewsNothing(MemoryPlugin):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        return Preview()


@fault("preview_changes", "PRE-003")
class PreviewsEverything(MemoryPlugin):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        return Preview(("connect", *super().preview_changes(changes).commands))


@fault("preview_changes", "PRE-004", "PRE-006")
class PreviewsDifferently(MemoryPlugin):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        self.shown = getattr(self, "shown", 0) + 1
        return Preview((f"command {self.shown} {self.context.read_only}",))


@fault("preview_changes", "PRE-005")
class OneImpossibleHidesAll(MemoryPlugin):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        return Preview(tuple(self.names(change.ref)[0] for change in changes if isinstance(change, CreateAccount)))


@fault("preview_changes", "PRE-001", "PRE-002")
class PreviewIsAList(MemoryPlugin):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        return list(super().preview_changes(changes).commands)  # type: ignore[return-value]


# ---------------------------------------------------------------- health


@fault("check_health", "HLT-001")
class NeverWell(MemoryPlugin):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        return [Health("memory", HealthStatus.BAD, "tired", "let it sleep")]


@fault("check_health", "HLT-002")
class LeavesATrace(MemoryPlugin):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        for account in self.reading().accounts.values():
            account.members["probe"] = {}
        self.reading().accounts["probe"] = Account()
        return super().check_health()


@fault("check_health", "HLT-003")
class ChecksTheSameTwice(MemoryPlugin):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        return [*super().check_health(), *super().check_health()]


@fault("check_health", "HLT-001", "HLT-003")
class HealthIsNothing(MemoryPlugin):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        return []


@fault("check_health", "HLT-001")
class HealthIsABug(MemoryPlugin):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        raise RuntimeError("no route to host")

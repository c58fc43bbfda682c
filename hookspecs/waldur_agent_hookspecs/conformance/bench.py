"""What a check works with: the plugin on its backend, and resources, members and amounts that are nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from waldur_agent_hookspecs import (
    NO_LIMITS,
    AccountRef,
    Component,
    ComponentRule,
    LimitChange,
    Limits,
    Member,
    Party,
    PluginContext,
)

from .check import Breach, expect
from .subject import Subject
from .support import ConformanceSupport

MakePlugin = Callable[[PluginContext], object]
Ability = Callable[..., Any]

COMPONENTS: Mapping[str, Component] = {
    "cpu": Component("cpu", "usage", Decimal(60000), "k-Hours", "CPU"),
    "mem": Component("mem", "usage", Decimal(61440), "gb-Hours", "RAM"),
    "gres/gpu": Component("gres/gpu", "limit", Decimal(60), "Hours", "GPU"),
}
"""``backend_components`` unless others are given."""


class Bench:
    """One check's own corner of a backend, which may be shared with others.

    Every resource, project, customer and user has a name that no other check has, and nothing is assumed about what
    else is there.

    Args:
        make: Makes a plugin; called for each instance that a check wants.
        components: The offering's components.
        support: What is done behind the plugin's back in every check.
        abilities: What only some checks need, by name; None where the backend's side cannot do it.
        settings: The plugin's settings, where the kit made them.
    """

    def __init__(
        self,
        make: MakePlugin,
        components: Mapping[str, Component],
        support: ConformanceSupport,
        abilities: Mapping[str, Ability | None],
        *,
        settings: Any = None,
        zone: str = "UTC",
    ) -> None:
        self._make = make
        self.components = components
        self.settings = settings
        self._support = support
        self._abilities = abilities
        self._zone = zone
        self._mark = uuid.uuid4().hex[:8]
        self._made: list[AccountRef] = []
        self.planted: list[str] = []
        self.offering_uuid = uuid.uuid4().hex
        self.subject = self.instance()

    def instance(self, *, read_only: bool = False, offering: str = "", components: Any = None) -> Subject:
        """A new instance of the plugin; for the same offering, unless another one is named."""
        context = PluginContext(
            offering or "Conformance",
            uuid.uuid5(uuid.UUID(self.offering_uuid), offering).hex if offering else self.offering_uuid,
            self.components if components is None else components,
            timezone=self._zone,
            read_only=read_only,
        )
        return Subject(self._make(context), self._made)

    # ------------------------------------------------------------ resources

    def ref(
        self, label: str = "one", /, *, project: str = "ocean", customer: str = "uni", **other: Any
    ) -> AccountRef:
        """A resource that is this check's own; equal labels give equal refs. ``other`` are fields of the ref."""
        ref = AccountRef(
            resource_uuid=self.identifier(f"resource {label}"),
            backend_id="",
            slug=f"ct{self._mark}-{label}",
            name=f"Conformance {label}",
            project=Party(self.identifier(f"project {project}"), f"ct{self._mark}p-{project}", project.title()),
            customer=Party(self.identifier(f"customer {customer}"), f"ct{self._mark}c-{customer}", customer.title()),
        )
        return replace(ref, **other)

    def identifier(self, what: str) -> str:
        """A UUID that follows from the text, within this check."""
        return uuid.uuid5(uuid.UUID(self.offering_uuid), what).hex

    def account(self, label: str = "one", /, **other: Any) -> AccountRef:
        """A resource whose account has been made; carries its backend id, as Waldur would."""
        return self.create(self.ref(label, **other))

    def create(self, ref: AccountRef) -> AccountRef:
        """Make the account of a resource."""
        backend_id = self.subject.ask("create_account", ref=ref)
        return replace(ref, backend_id=backend_id)

    def foreign(self, name: str = "one") -> AccountRef:
        """A resource whose account's name is taken by an account that was made by hand."""
        ref = self.account(name)
        self.subject.ask("delete_account", ref=ref)
        self._able("plant_foreign_account")(ref.backend_id)
        self.planted.append(ref.backend_id)
        return replace(ref, backend_id="")

    # ------------------------------------------------------------ members

    def member(self, name: str = "alice", full_name: str = "") -> Member:
        """A person whom the backend may let in."""
        username = f"{name}{self._mark[:6]}"
        return self.ready(Member(username, self.identifier(f"user {name}"), full_name or name.title()))

    def ready(self, member: Member) -> Member:
        """Let the backend know a person, where it takes only those it knows."""
        self._support.know_user(member.username)
        return member

    def joined(self, ref: AccountRef, *names: str) -> list[Member]:
        """Persons who have been let into an account."""
        members = [self.member(name) for name in names or ("alice",)]
        for member in members:
            self.subject.ask("add_member", ref=ref, member=member)
        return members

    # ------------------------------------------------------------ who is at fault

    def culprit(self, hook: str, done: object, **arguments: Any) -> str:
        """Whose fault it is that what ``hook`` said to have written is not shown by ``list_accounts``.

        Whoever says once that it wrote, and then that it is so already, has written.
        """
        written = done is True and self.subject.attempt(hook, **arguments) is False
        return "list_accounts" if written else hook

    def culprit_of_absence(self, ref: AccountRef) -> str:
        """Whose fault it is that a new account is not shown: what can be deleted was there."""
        there = self.subject.can("delete_account") and self.subject.attempt("delete_account", ref=ref) is True
        return "list_accounts" if there else "create_account"

    # ------------------------------------------------------------ limits

    def rules(self) -> Mapping[str, ComponentRule]:
        """The components that the plugin serves."""
        if "describe_components" not in self.subject.hooks:
            return {name: ComponentRule(one.unit_factor) for name, one in self.components.items()}
        rules: Mapping[str, ComponentRule] = self.subject.ask("describe_components", configured=dict(self.components))
        return rules

    def amounts(self, number: int, *, components: int = 1) -> dict[str, Decimal]:
        """Amounts that the backend can hold: ``number`` of the first component, one more of the next.

        Where not so many components are served, the check is skipped.
        """
        served = list(self.rules().items())[:components]
        expect(served, "describe_components", "serves none of the components", "Serve what the backend can limit.")
        if len(served) < components:
            pytest.skip(f"describe_components serves {len(served)} of the components; this needs {components}")
        return {name: (number + place) * max(rule.step, Decimal(1)) for place, (name, rule) in enumerate(served)}

    def limit(
        self, ref: AccountRef, amounts: Mapping[str, Decimal], previous: Mapping[str, Decimal] = NO_LIMITS
    ) -> bool:
        """Set limits, as an order does."""
        change = LimitChange(amounts, previous, self.identifier(f"order {sorted(amounts.items())}"))
        return bool(self.subject.ask("set_limits", ref=ref, change=change))

    def limits_of(self, ref: AccountRef, wanted: Limits) -> dict[str, Decimal]:
        """What is set on an account: as it is shown or, where it is not shown, as asking for it again tells."""
        state = self.subject.state(ref)
        if state.limits_reportable or state.limits:
            return dict(state.limits)
        held = self.subject.ask("set_limits", ref=ref, change=LimitChange(wanted, wanted)) is False
        return dict(wanted) if held else {}

    def sets_limits(self, ref: AccountRef) -> None:
        """Skip the check where amounts only ever add up, so that a lower limit cannot be set."""
        if not self.subject.state(ref).limits_reportable:
            pytest.skip("limits_reportable is False: amounts only add up, and a lower one cannot be set")

    # ------------------------------------------------------------ usage

    def use(
        self, ref: AccountRef, member: Member, amounts: Mapping[str, Decimal], start: datetime, end: datetime
    ) -> None:
        """Let a member use an account."""
        self._able("add_usage")(ref.backend_id, member.username, amounts, start, end)

    def cuts_usage(self) -> None:
        """Skip the check where a use is booked at an instant."""
        if not self._support.spreads_usage:
            pytest.skip("spreads_usage is False: a use is booked at its end, and cannot be cut to a period")

    # ------------------------------------------------------------ trouble

    def broken(self) -> AbstractContextManager[None]:
        """A context in which the backend cannot be read."""
        context: AbstractContextManager[None] = self._able("break_backend")()
        return context

    def hanging(self) -> AbstractContextManager[None]:
        """A context in which the backend does not answer."""
        context: AbstractContextManager[None] = self._able("hang_backend")()
        return context

    def _able(self, ability: str) -> Ability:
        found = self._abilities[ability]
        assert found is not None  # noqa: S101 - a check is not run without what it needs
        return found

    # ------------------------------------------------------------ the end

    def clean(self) -> None:
        """Remove what the check made, as far as the plugin can."""
        for backend_id in self.planted:
            self._support.remove_foreign_account(backend_id)
        if not self.subject.can("delete_account"):
            return
        for ref in list(self._made):
            # The check has told already what does not work.
            with suppress(Breach):
                self.subject.attempt("delete_account", ref=ref)
        self._support.remove_leftovers(self._made)

"""Faults in user names, and in listeners."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from waldur_agent_hookspecs import AccountRef, Member, Outcome, OutcomeStatus, User, UserActionNeeded, hookimpl

from .memory import MemoryPlugin
from .table import fault


@fault("find_username", "USR-001")
class FindsTheFullName(MemoryPlugin):
    @hookimpl
    def find_username(self, user: User) -> str:
        return user.full_name


@fault("find_username", "USR-002")
class FindsBySomeLot(MemoryPlugin):
    @hookimpl
    def find_username(self, user: User) -> str:
        return f"u{random.randrange(10**9)}" if user.known_names else ""  # noqa: S311 - as in a bad plugin


@fault("find_username", "USR-003")
class TakesAnyKnownName(MemoryPlugin):
    @hookimpl
    def find_username(self, user: User) -> str:
        return user.known_names[0] if user.known_names else ""


@fault("find_username", "USR-004")
class EverybodyIsGuest(MemoryPlugin):
    @hookimpl
    def find_username(self, user: User) -> str:
        return "guest"


@fault("find_username", "USR-001")
class SendsThePersonNowhere(MemoryPlugin):
    @hookimpl
    def find_username(self, user: User) -> str:
        raise UserActionNeeded("link your account", url="profile/link")


@fault("generate_username", "USR-010", "USR-013")
class MakesTheLogin(MemoryPlugin):
    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        return user.full_name.split()[0] + " " + user.last_name


@fault("generate_username", "USR-011", "USR-016")
class IgnoresWhatIsTaken(MemoryPlugin):
    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        return super().generate_username(user, frozenset())


@fault("generate_username", "USR-012", "USR-015")
class MakesNamesByLot(MemoryPlugin):
    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        return f"u{random.randrange(10**9)}"  # noqa: S311 - as in a bad plugin


@fault("generate_username", "USR-014")
class TakesTheOtherCase(MemoryPlugin):
    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        names = (user.first_name, user.first_name.lower(), user.first_name.swapcase())
        return next((name for name in names if name.isidentifier() and name not in taken), "")


@fault("generate_username", "USR-010")
class NameIsNone(MemoryPlugin):
    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        return None  # type: ignore[return-value]


# ---------------------------------------------------------------- listeners


@fault("members_synced", "OBS-001", "OBS-002", "OBS-004")
class CannotHearOfMembers(MemoryPlugin):
    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        for member in members:
            raise KeyError(member.username)


@fault("members_synced", "OBS-002")
class HearsOnce(MemoryPlugin):
    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        self.heard: set[str] = getattr(self, "heard", set())
        if ref.resource_uuid in self.heard:
            raise RuntimeError("heard already")
        self.heard.add(ref.resource_uuid)


@fault("members_synced", "OBS-003")
class CannotHearOfNobody(MemoryPlugin):
    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        members[0].username.encode()


@fault("members_synced", "OBS-004")
class CannotHearOfOddNames(MemoryPlugin):
    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        for member in members:
            member.username.encode("ascii")


@fault("members_synced", "OBS-005")
class WritesWhileOnlyShown(MemoryPlugin):
    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        (Path(tempfile.gettempdir()) / f"waldur-agent-{ref.resource_uuid}").write_text("")
        (Path(tempfile.gettempdir()) / f"waldur-agent-{ref.resource_uuid}").unlink()


@fault("hook_finished", "OBS-010")
class KnowsGoodEndsOnly(MemoryPlugin):
    @hookimpl
    def hook_finished(self, outcome: Outcome) -> None:
        {OutcomeStatus.DONE: 1, OutcomeStatus.UNCHANGED: 0}[outcome.status].bit_length()

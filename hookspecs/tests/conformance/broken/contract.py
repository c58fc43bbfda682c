"""Faults of the class as a whole."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    Member,
    NotReady,
    PluginContext,
    hookimpl,
)

from .memory import CLUSTERS, Cluster, MemoryPlugin, MemorySettings
from .table import fault

log = logging.getLogger(__name__)


@fault("", "API-001")
class ForAnotherVersion(MemoryPlugin):
    api_version: ClassVar[int] = 99


@fault("", "API-002")
class SettingsAreADict(MemoryPlugin):
    class settings_model(dict[str, Any]):  # noqa: N801 - stands for a model
        """Takes anything."""

        cluster = "a dict"

        @classmethod
        def model_validate(cls, given: dict[str, Any], context: object) -> Any:
            return MemorySettings.model_validate(given, context=context)


@fault("create_account", "API-003")
class HasADefault(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef, prefix: str = "") -> str:
        return super().create_account(ref)


@fault("add_member", "API-004")
class ForgetsTheMark(MemoryPlugin):
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        return super().add_member(ref, member)


@fault("", "API-005")
@dataclass(eq=True)
class IsADataclass(MemoryPlugin):
    settings: MemorySettings
    context: PluginContext


@fault("", "API-006")
class ReadsInTheConstructor(MemoryPlugin):
    def __init__(self, settings: MemorySettings, context: PluginContext) -> None:
        super().__init__(settings, context)
        with open("/dev/null", "w") as file:  # noqa: PTH123 - as a bad plugin does
            file.write("")


@fault("list_accounts", "API-007")
class IsAWrapper(MemoryPlugin):
    @hookimpl(tryfirst=True, specname="list_accounts")
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        return super().list_accounts(refs)


@fault("list_accounts", "API-008")
class IsACoroutine(MemoryPlugin):
    @hookimpl
    async def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:  # type: ignore[override]
        return super().list_accounts(refs)


@fault("add_member", "API-008", "MEM-001")
class NamesAnotherArgument(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, user: Member) -> bool:
        return super().add_member(ref, user)


# ---------------------------------------------------------------- settings


class _Loose(MemorySettings):
    model_config = ConfigDict(extra="ignore")


@fault("", "SET-001")
class TakesUnknownKeys(MemoryPlugin):
    settings_model: ClassVar[type[Any]] = _Loose


class _Failing(MemorySettings):
    @field_validator("cluster", mode="before")
    @classmethod
    def _lower(cls, given: Any) -> Any:
        return {"one": given}[given.lower()] if given == "" else given


@fault("", "SET-002")
class FailsOnAWrongValue(MemoryPlugin):
    settings_model: ClassVar[type[Any]] = _Failing


class _Touching(MemorySettings):
    @model_validator(mode="before")
    @classmethod
    def _look(cls, given: Any) -> Any:
        with open("/dev/null", "w"):  # noqa: PTH123 - as a bad model does
            return given


@fault("", "SET-003")
class ValidatesByTouching(MemoryPlugin):
    settings_model: ClassVar[type[Any]] = _Touching


class _NeedsComponents(MemorySettings):
    @model_validator(mode="after")
    def _count(self, info: Any) -> Any:
        info.context["components"]["cpu"].label.upper()
        return self


@fault("", "SET-004")
class NeedsComponents(MemoryPlugin):
    settings_model: ClassVar[type[Any]] = _NeedsComponents


# ---------------------------------------------------------------- secrets


class _Open(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cluster: str = "one"
    password: str = "hunter-twenty-three"


@fault("", "SEC-001")
class ShowsItsSettings(MemoryPlugin):
    settings_model: ClassVar[type[Any]] = _Open


@fault("", "SEC-002")
class ShowsItself(MemoryPlugin):
    def __repr__(self) -> str:
        return f"<plugin with {self.settings.password.get_secret_value()}>"


@fault("list_accounts", "SEC-003")
class ShowsThePasswordInWaldur(MemoryPlugin):
    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return AccountState(
            exists=False, metadata={"url": f"db://agent:{self.settings.password.get_secret_value()}@x"}
        )


@fault("list_accounts", "SEC-004")
class ShowsThePasswordInErrors(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        if CLUSTERS[self.settings.cluster].down:
            raise NotReady(f"mysql -p{self.settings.password.get_secret_value()} gave no answer; start it again")
        return super().list_accounts(refs)


@fault("", "SEC-005")
class LogsThePassword(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        log.debug("connecting with %s", self.settings.password.get_secret_value())
        return super().create_account(ref)

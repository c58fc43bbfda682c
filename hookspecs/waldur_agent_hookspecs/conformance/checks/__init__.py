"""The checks, a module for each area."""

from __future__ import annotations

from .accounts import AccountChecks
from .bulk import BulkChecks
from .components import ComponentChecks
from .concurrency import ConcurrencyChecks
from .contract import ContractChecks
from .health import HealthChecks
from .imports import ImportChecks
from .limits import LimitChecks
from .member_limits import MemberLimitChecks
from .members import MemberChecks
from .observers import ObserverChecks
from .orders import OrderChecks
from .ownership import OwnershipChecks
from .preview import PreviewChecks
from .read_only import ReadOnlyChecks
from .reading import ReadingChecks
from .secrets import SecretChecks
from .settings import SettingsChecks
from .status import StatusChecks
from .texts import TextChecks
from .unreadable import UnreadableChecks
from .usage import UsageChecks
from .usernames import UsernameChecks


class PluginChecks(ContractChecks, ImportChecks, SettingsChecks, SecretChecks, HealthChecks):
    """For every plugin, whatever it does."""


class BackendChecks(
    AccountChecks,
    OwnershipChecks,
    ReadingChecks,
    ComponentChecks,
    OrderChecks,
    LimitChecks,
    StatusChecks,
    MemberChecks,
    MemberLimitChecks,
    UsageChecks,
    TextChecks,
    UnreadableChecks,
    BulkChecks,
    PreviewChecks,
    ReadOnlyChecks,
    ConcurrencyChecks,
):
    """For a plugin that holds accounts."""


__all__ = ["BackendChecks", "ObserverChecks", "PluginChecks", "UsernameChecks"]

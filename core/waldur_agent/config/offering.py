"""A configuration as the rest of the agent uses it: checked, complete, and nothing to be looked up any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr
from waldur_agent_hookspecs import Component

from .roles import Role
from .sections import RemovalFuse


@dataclass(frozen=True, kw_only=True)
class Offering:
    """One offering.

    Attributes:
        api_url: Ends with ``/api/``.
        token: Empty where the file has it so; see :meth:`ready_problems`. Likewise ``uuid``, else 32 lower-case
            hexadecimal digits.
        verify_ssl: What the file says; ``REQUESTS_VERIFY_SSL`` is not in it.
        backends: The plugin's name for each job; a job that is not in it is not done for this offering.
        plugins: Plugins beyond ``backends`` and ``username_plugin``: those that the offering lists, and those that
            joined by themselves.
        event_transport: None where orders and members are polled.
        stomp_ws_host: None: taken from ``api_url``. Likewise the other five.
        settings: For every plugin of the offering an instance of its ``settings_model``.
    """

    name: str
    api_url: str
    token: SecretStr
    uuid: str
    backends: Mapping[Role, str]
    verify_ssl: bool = True
    username_plugin: str = "base"
    plugins: tuple[str, ...] = ()
    event_transport: Literal["stomp", "mqtt"] | None = None
    websocket_use_tls: bool = True
    stomp_ws_host: str | None = None
    stomp_ws_port: int | None = None
    stomp_ws_path: str | None = None
    mqtt_ws_host: str | None = None
    mqtt_ws_port: int | None = None
    mqtt_ws_path: str | None = None
    components: Mapping[str, Component] = field(default_factory=dict)
    # Any: each plugin's own model, of which core knows nothing. Not shown: they may hold secrets.
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    removal_fuse: RemovalFuse = field(default_factory=RemovalFuse)
    protected_users: frozenset[str] = frozenset()
    recreate_missing_accounts: bool = False
    allow_usage_decrease: bool | frozenset[str] = False

    def ready_problems(self) -> list[str]:
        """What is still to be filled in before anything can run for this offering; empty when it is ready."""
        empty = {"waldur_api_token": not self.token.get_secret_value(), "waldur_offering_uuid": not self.uuid}
        return [f"offering {self.name!r}: {key} is empty" for key, is_empty in empty.items() if is_empty]

    def may_decrease(self, backend_id: str) -> bool:
        """Whether the reported usage of that account may become less within a month."""
        allowed = self.allow_usage_decrease
        return allowed if isinstance(allowed, bool) else backend_id in allowed


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole configuration.

    Attributes:
        timezone: IANA name of the zone in which months begin and end.
        reporting_periods: Months that ``report`` looks at, the current one included.
        state_directory: Where the event mode keeps its subscriptions' ids; empty where the file does not say.
        reporting_grace_days: On how many days after a month's end the months before are looked at.
        warnings: To be logged once at start.
        path: The file that it was read from.
    """

    path: Path
    offerings: tuple[Offering, ...]
    timezone: str
    # Part of it is a key.
    sentry_dsn: str = field(default="", repr=False)
    reporting_periods: int = 2
    state_directory: str = ""
    reporting_grace_days: int = 31
    warnings: tuple[str, ...] = ()

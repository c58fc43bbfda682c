"""The notices. They come after the fact: nothing that happens here can stop or change what the agent does.

What a notice means and when it comes: the documentation of ``waldur_agent_hookspecs.specs``. A notice may come twice.
Whatever is raised here is logged with the plugin's name, and the other listeners still hear.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from waldur_agent_hookspecs import (
    AccountRef,
    Health,
    HealthStatus,
    Member,
    Outcome,
    PluginContext,
    hookimpl,
)

from .settings import Settings


class {{ cookiecutter.__class }}:
    """One instance serves one offering. It keeps nothing between two calls."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, context: PluginContext) -> None:
        self._settings = settings
        self._context = context

    @hookimpl
    def hook_finished(self, outcome: Outcome) -> None:
        """Write down what became of a change."""
        change = outcome.change
        self._write(
            change.kind,
            account=outcome.backend_id or change.ref.backend_id or change.ref.slug,
            status=outcome.status.value,
            reason=change.reason,
            order=change.order,
            text=outcome.text,
        )

    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        """Write down who is in an account now."""
        names = sorted(member.username for member in members)
        self._write("members_synced", account=ref.backend_id or ref.slug, members=names)

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """What ``waldur-agent check`` shows."""
        path = self._settings.audit_file
        if os.access(path if path.exists() else path.parent, os.W_OK):
            return [Health("{{ cookiecutter.plugin_name }}", HealthStatus.GOOD, str(path))]
        remedy = f"make {path.parent} writable for the agent's user"
        return [Health("{{ cookiecutter.plugin_name }}", HealthStatus.BAD, f"{path} cannot be written", remedy)]

    def _write(self, what: str, **facts: Any) -> None:
        if self._context.read_only:
            return  # the agent only shows what it would do
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"time": now, "offering": self._context.offering, "what": what, **facts})
        # TODO: your own system. Keep it quick, and give up soon: the agent waits for it.
        with self._settings.audit_file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

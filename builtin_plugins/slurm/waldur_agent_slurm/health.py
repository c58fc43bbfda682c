"""What the plugin needs, whether it works, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import Health, HealthStatus, NotReady
from waldur_agent_hookspecs.commands import CommandFailed

from .rights import ADMINISTRATOR, Rights

if TYPE_CHECKING:
    from waldur_agent_hookspecs import PluginContext

    from .accounting import Accounting
    from .client import SlurmClient
    from .settings import SlurmSettings

PROGRAMS: Final = ("sacctmgr", "sacct", "squeue", "scancel", "scontrol")


def health(
    client: SlurmClient, accounting: Accounting, settings: SlurmSettings, context: PluginContext
) -> Sequence[Health]:
    """Check everything that can be read; what fails does not keep the rest from being checked."""
    checks = _Checks(client, accounting, settings, tuple(context.components))
    return [found for check in checks.all() for found in _guarded(check)]


def _guarded(check: tuple[str, Callable[[], Iterator[Health]]]) -> Iterator[Health]:
    name, run = check
    try:
        yield from run()
    except NotReady as error:
        yield Health(
            name, HealthStatus.BAD, str(error), "see the text; 'sacctmgr ping' and 'scontrol ping' tell more"
        )


def _judge(name: str, problem: str, detail: str, remedy: str) -> Health:
    if problem:
        return Health(name, HealthStatus.BAD, problem, remedy)
    return Health(name, HealthStatus.GOOD, detail)


@dataclass(frozen=True, slots=True)
class _Checks:
    client: SlurmClient
    accounting: Accounting
    settings: SlurmSettings
    components: tuple[str, ...]

    def all(self) -> Iterator[tuple[str, Callable[[], Iterator[Health]]]]:
        """Each check with the name under which its failure is shown."""
        yield "SLURM commands", self._commands
        yield "slurmdbd", self._cluster
        yield "slurmctld", self._controller
        yield "TRES", self._tres
        yield "QoS", self._qos
        yield "rights", self._rights

    def _commands(self) -> Iterator[Health]:
        found = [self.client.find(program) for program in PROGRAMS]
        answer = self.client.run("sacctmgr", ["-V"])
        if answer.status != 0:
            raise CommandFailed(answer)
        yield Health("SLURM commands", HealthStatus.GOOD, f"{answer.output.strip()}, {found[0]}")

    def _cluster(self) -> Iterator[Health]:
        snapshot = self.accounting.snapshot()
        yield Health("slurmdbd", HealthStatus.GOOD, f"cluster {snapshot.cluster}, {len(snapshot.accounts)} accounts")
        parent = self.settings.default_account
        problem = "" if parent in snapshot.accounts else f"cluster {snapshot.cluster} has no account {parent}"
        remedy = (
            f"sacctmgr add account {parent} cluster={snapshot.cluster}, or set default_account to one that exists"
        )
        yield _judge("default_account", problem, parent, remedy)

    def _controller(self) -> Iterator[Health]:
        # Not known while slurmdbd is away; slurmctld can be asked all the same.
        where = ["-M", self.accounting.cluster] if self.accounting.cluster else []
        asked = ["-h", *where, "-A", self.settings.default_account, "-o", "%i"]
        answer = self.client.run("squeue", asked)
        problem = answer.failure() if answer.status else ""
        yield _judge(
            "slurmctld", problem, "answers", "start slurmctld, or mend the network to it; jobs are cancelled there"
        )

    def _tres(self) -> Iterator[Health]:
        known = self.accounting.tres()
        unknown = ", ".join(name for name in self.components if name not in known)
        problem = f"the cluster has no TRES {unknown}; limits on it are left out" if unknown else ""
        remedy = "add it to AccountingStorageTRES in slurm.conf, or take the component out of backend_components"
        yield _judge("TRES", problem, ", ".join(self.components) or "no components are configured", remedy)

    def _qos(self) -> Iterator[Health]:
        known = self.accounting.listed("qos", "name")
        settings = self.settings
        wanted = filter(None, (settings.qos_default, settings.qos_downscaled, settings.qos_paused))
        missing = ", ".join(name for name in wanted if name not in known)
        problem = f"slurmdbd has no QoS {missing}" if missing else ""
        remedy = "sacctmgr add qos NAME, or set qos_default, qos_downscaled and qos_paused to what there is"
        yield _judge("QoS", problem, ", ".join(known), remedy)

    def _rights(self) -> Iterator[Health]:
        rights = Rights(self.accounting)
        user, level = rights.user, rights.level()
        problem = (
            "" if level == ADMINISTRATOR else f"the user {user} is {level} in slurmdbd, but must be {ADMINISTRATOR}"
        )
        remedy = f"sacctmgr add user {user} account={self.settings.default_account} adminlevel={ADMINISTRATOR}"
        yield _judge("rights", problem, f"{user} is {level}", remedy)

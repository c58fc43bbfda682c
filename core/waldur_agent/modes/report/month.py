"""One month of one offering: both sides are read, compared, and Waldur is told the difference."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from waldur_agent_hookspecs import ComponentRule, NotReady, Usage

from waldur_agent.modes.progress import Progress, silent
from waldur_agent.modes.refs import account_ref
from waldur_agent.modes.report.comparison import Comparison, Part, compare, read_records
from waldur_agent.modes.report.dating import Dating, NotNow
from waldur_agent.modes.report.scouting import scout
from waldur_agent.modes.report.writing import DateRefused, Writer
from waldur_agent.modes.served import Served
from waldur_agent.planning import Month, figures, folded
from waldur_agent.site import PluginBug
from waldur_agent.waldur import Refused, Resource, WaldurError, gather

log = logging.getLogger(__name__)

NO_PAST_USAGE = "past usage of components that are billed by usage, for this token"


@dataclass(slots=True)
class Pass:
    """One pass over one offering, as far as its months share it.

    Attributes:
        components: Those that Waldur takes usage of.
        trouble: Is told what failed; from several threads.
        missing: UUIDs of resources whose accounts do not exist; told once.
        done: How many accounts were written, those of several months counted once each.
    """

    work: Served
    resources: Sequence[Resource]
    rules: Mapping[str, ComponentRule]
    components: Sequence[str]
    dating: Dating
    trouble: Callable[[str], None]
    progress: Progress = silent
    missing: set[str] = field(default_factory=set)
    users: Mapping[str, str] | None = None
    done: int = 0

    def report(self, month: Month) -> None:
        """Bring Waldur's figures of a month up to date. What fails is told, and is found again by the next pass."""
        label = f"{self.work.offering.name}, {month}"
        try:
            self.dating.moment(month)
            usage = self.collect(month)
            while self._write(month, self.compare(month, usage)):
                log.debug("%s: compared again, with fewer components", label)
        except NotNow as reason:
            log.info("%s: not reported now: %s", label, reason)
        except (WaldurError, NotReady, PluginBug) as error:
            self.trouble(f"{label}: nothing more is reported now: {error}")

    def collect(self, month: Month) -> Mapping[str, Usage]:
        """What the accounts used, by one hook call. Accounts that do not exist are told, and billed nothing.

        Raises:
            NotReady, PluginBug: it could not be read.
        """
        name = self.work.offering.name
        log.info("%s: usage of %s, from %s to %s", name, month, month.start.isoformat(), month.end.isoformat())
        with self.progress(None, f"{name}: reading usage of {month}"):
            usage = self.work.site.collect_usage([account_ref(it) for it in self.resources], month.period)
        for resource in self.resources:
            if resource.uuid not in usage and resource.uuid not in self.missing:
                self.missing.add(resource.uuid)
                self.trouble(
                    f"{resource.backend_id} (resource {resource.uuid}): the account does not exist on the backend; "
                    "no usage is reported for it"
                )
        return usage

    def compare(self, month: Month, usage: Mapping[str, Usage]) -> Comparison:
        """Both sides together; what must not be written is told.

        Raises:
            WaldurError: Waldur's figures could not be read.
        """
        components = self.components_of(month)
        wanted, troubles = {}, []
        for resource in self.resources:
            if resource.uuid not in usage:
                continue
            try:
                wanted[resource.uuid] = figures(usage[resource.uuid], components, self.rules)
            except ValueError as error:
                troubles.append(f"{resource.backend_id}, {month}: not reported, the plugin is wrong: {error}")
        found = compare(self.work, month, self.resources, wanted, past=self.dating.is_past(month))
        found.troubles += troubles
        self.dating.look(found.records)
        return found

    def components_of(self, month: Month) -> list[str]:
        """Components that can be written in that month: of past ones, servers may take only limits from providers."""
        if NO_PAST_USAGE not in self.work.waldur.learned or not self.dating.is_past(month):
            return list(self.components)
        billing = self.work.waldur.offering().billing or {}
        return [name for name in self.components if billing.get(name) == "limit"]

    def _write(self, month: Month, found: Comparison) -> bool:
        """Write the difference; True where it has to be found anew, with fewer components."""
        writer = Writer(self.work, month, self.dating)
        parts = [part for part in found.parts if part.to_do]
        try:
            if self.dating.is_past(month) and (text := scout(writer, parts)):
                self.trouble(text)
                return False
        except DateRefused as error:
            if not self.work.waldur.learned.add(NO_PAST_USAGE):
                raise Refused(str(error)) from error
            log.warning("%s, %s: this server takes no %s: %s", self.work.offering.name, month, NO_PAST_USAGE, error)
            return bool(self.components_of(month))
        for text in refusals(found):
            self.trouble(text)
        if any(part.members for part in parts):
            writer.users = self._user_urls()
        self._write_all(writer, self._opened(writer, parts))
        self._learn(writer)
        return False

    def _user_urls(self) -> Mapping[str, str]:
        """Folded local name to the offering user's URL, read once a pass; without it users go by name alone."""
        if self.users is None:
            try:
                users = self.work.waldur.offering_users()
            except WaldurError as error:
                log.warning("%s: users are told by names alone: %s", self.work.offering.name, error)
                users = []
            self.users = {folded(it.username): self.work.waldur.url_of(it) for it in users if it.username}
        return self.users

    def _opened(self, writer: Writer, parts: Sequence[Part]) -> list[Part]:
        """Have records made where members need them; gives those parts that can go on."""
        closed = [part for part in parts if part.lacks_records and not part.opened]
        failed = self._each(writer, closed, writer.open)
        left = [part for part in parts if part not in failed]
        if any(part.opened for part in left):
            records = read_records(self.work, writer.month, [part.resource for part in left])
            self.dating.judge(records, writer.sent)
            for part in left:
                part.records = {it.component: it for it in records if it.resource_uuid == part.resource.uuid}
        return left

    def _write_all(self, writer: Writer, parts: Sequence[Part]) -> None:
        title = f"{self.work.offering.name}: reporting usage of {writer.month}"
        with self.progress(len(parts), title) as finished:

            def write(part: Part) -> None:
                for text in writer.write(part):
                    self.trouble(text)
                finished(part)

            self.done += len(parts) - len(self._each(writer, parts, write))

    def _each(self, writer: Writer, parts: Sequence[Part], write: Callable[[Part], None]) -> set[Part]:
        """Several at a time; a failure is told and is that account's alone. Gives the accounts that failed."""

        def one(part: Part) -> str:
            try:
                if self.work.stop.is_set():
                    return "the agent was asked to end; the next start goes on"
                write(part)
            except (NotNow, DateRefused) as reason:
                return str(reason)
            return ""

        failed = {part: str(result) for part, result in gather(one, parts).items() if result}
        by_reason: dict[str, list[str]] = {}
        for part, reason in failed.items():
            by_reason.setdefault(reason, []).append(part.resource.backend_id)
        for reason, names in by_reason.items():
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            self.trouble(f"{self.work.offering.name}, {writer.month}: not reported for {shown}: {reason}")
        return set(failed)

    def _learn(self, writer: Writer) -> None:
        """Look once whether the dates that were sent are shown: only then can a month be reported after its end."""
        unknown = not self.dating.honoured and not self.dating.ignored
        if writer.sent and unknown and len(self.work.calendar.open_months()) > 1:
            self.dating.judge(read_records(self.work, writer.month, self.resources), writer.sent)


def refusals(found: Comparison) -> list[str]:
    """What must not be written, and why."""
    refused = [f"{part.label}: not reported: {part.totals.refused}" for part in found.parts if part.totals.refused]
    return [*found.troubles, *refused]

"""What the checks came to, and which of the agent's jobs a plugin may be given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .check import Breach, Check
from .roles import ROLES, Role

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """What one check of one plugin came to.

    Attributes:
        plugin: ``module:Class``; empty where no instance could be made.
        hooks: The hooks that the plugin implements.
        hook: Whose promise it is, or was broken; empty for the class as a whole.
        message: Why it failed or was skipped.
    """

    id: str
    sentence: str
    outcome: str
    hook: str
    message: str = ""
    plugin: str = ""
    hooks: tuple[str, ...] = ()

    @classmethod
    def failed(cls, check: Check, error: BaseException, plugin: str = "", hooks: tuple[str, ...] = ()) -> Result:
        """A check that ended with an error, be it one of the plugin's or of the kit's surroundings."""
        if isinstance(error, Breach):
            return cls(check.id, check.sentence, FAILED, error.hook or check.hook, str(error), plugin, hooks)
        message = f"{check.hook or 'the plugin'}: the check ended with {type(error).__name__}: {error}"
        return cls(check.id, check.sentence, FAILED, check.hook, message, plugin, hooks)

    def as_json(self) -> dict[str, Any]:
        """For a report that may come from another process."""
        return asdict(self)

    def explained(self) -> str:
        """What an author reads."""
        indented = self.message.replace("\n", "\n  ")
        return f"{self.id}: {indented}\n  For a site: {self.sentence}"


@dataclass(slots=True)
class Results:
    """All results of a run."""

    all: list[Result] = field(default_factory=list)

    def add(self, given: Mapping[str, Any]) -> None:
        """Keep one, as :meth:`Result.as_json` gave it."""
        self.all.append(Result(**{**given, "hooks": tuple(given["hooks"])}))

    def plugins(self) -> Iterator[tuple[str, list[Result]]]:
        """The results of each plugin."""
        # Without an instance it is not known whose they are: then they are everybody's.
        for plugin in sorted({one.plugin for one in self.all if one.plugin} or {""}):
            yield plugin, [one for one in self.all if one.plugin in {plugin, ""}]

    def as_json(self) -> dict[str, Any]:
        """The whole run, for ``--conformance-report``."""
        return {
            "plugins": [
                {
                    "plugin": plugin,
                    "hooks": sorted({hook for one in results for hook in one.hooks}),
                    "roles": {verdict.role: asdict(verdict) for verdict in verdicts(results)},
                    "checks": [_check(one) for one in sorted(results, key=lambda one: one.id)],
                }
                for plugin, results in self.plugins()
            ]
        }


def _check(result: Result) -> dict[str, Any]:
    return {name: getattr(result, name) for name in ("id", "sentence", "outcome", "hook", "message")}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a plugin may be given one of the agent's jobs.

    Attributes:
        conformant: True where it has the hooks, and every check that could be run has passed.
        missing: Hooks that the job needs and the plugin does not have.
        failed: The ids of the checks that say no.
        not_run: The ids of the checks that were skipped: for want of an optional hook, or of a fixture.
    """

    role: str
    conformant: bool
    passed: int
    missing: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.missing:
            return f"{self.role}: not offered, as it lacks {', '.join(self.missing)}"
        skipped = f", {len(self.not_run)} not run" if self.not_run else ""
        if self.failed:
            return f"{self.role}: NOT conformant: {', '.join(self.failed)} failed ({self.passed} passed{skipped})"
        word = "conformant" if self.conformant else "not checked"
        return f"{self.role}: {word} ({self.passed} passed{skipped})"


def verdicts(results: Iterable[Result]) -> list[Verdict]:
    """For each job what the checks of its hooks say; jobs of which the plugin has no hook are left out."""
    given = list(results)
    hooks = {hook for one in given for hook in one.hooks}
    return [_verdict(role, given, hooks) for role in ROLES if role.own & hooks]


def _verdict(role: Role, results: list[Result], hooks: set[str]) -> Verdict:
    concerned = [one for one in results if not one.hook or one.hook in role.asked]
    failed, skipped, passed = (_ids(concerned, outcome) for outcome in (FAILED, SKIPPED, PASSED))
    missing = role.missing(hooks)
    conformant = not missing and not failed and bool(passed)
    return Verdict(role.name, conformant, len(passed), missing, failed, skipped)


def _ids(results: Iterable[Result], outcome: str) -> tuple[str, ...]:
    return tuple(sorted({one.id for one in results if one.outcome == outcome}))


def reasons(results: Iterable[Result]) -> list[str]:
    """Why checks were not run, each reason once, with their number."""
    skipped = [one for one in results if one.outcome == SKIPPED]
    counted = Counter(one.message.removeprefix(f"{one.id}: ") for one in skipped)
    return [f"{number} not run: {reason}" for reason, number in counted.most_common()]

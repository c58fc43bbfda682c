"""CT-API: what core needs of the plugin's class before it asks anything."""

from __future__ import annotations

import inspect

from waldur_agent_hookspecs import PROJECT, SUPPORTED_API_VERSIONS

from ..bench import Bench
from ..check import check, expect
from ..roles import all_hooks
from ..watch import watched


class ContractChecks:
    """Every plugin, whatever it does."""

    @check("CT-API-001", "A plugin written for another version of the contract is refused at the agent's start.")
    def test_the_api_version_is_supported(self, bench: Bench) -> None:
        version = getattr(type(bench.subject.plugin), "api_version", None)
        known = ", ".join(map(str, sorted(SUPPORTED_API_VERSIONS)))
        expect(
            isinstance(version, int) and version in SUPPORTED_API_VERSIONS,
            "",
            f"api_version is {version!r}",
            f"Set the class attribute api_version to the version you wrote it for; this kit knows {known}.",
        )

    @check("CT-API-002", "Without a settings_model the agent refuses the plugin at its start.")
    def test_the_settings_model_is_pydantic(self, bench: Bench) -> None:
        model = getattr(type(bench.subject.plugin), "settings_model", None)
        expect(
            isinstance(model, type) and hasattr(model, "model_fields") and hasattr(model, "model_validate"),
            "",
            f"settings_model is {model!r}",
            "Set the class attribute settings_model to a pydantic.BaseModel class.",
        )

    @check("CT-API-003", "An argument with a default is not passed on by some versions of pluggy: the default wins.")
    def test_no_hook_gives_an_argument_a_default(self, bench: Bench) -> None:
        for hook in sorted(bench.subject.hooks):
            parameters = inspect.signature(getattr(bench.subject.plugin, hook)).parameters.values()
            defaults = [one.name for one in parameters if one.default is not inspect.Parameter.empty]
            expect(not defaults, hook, f"gives {defaults} a default", "Leave the default out, or the argument.")

    @check("CT-API-004", "A method without @hookimpl is never asked: the site lacks the hook and nobody notices.")
    def test_every_method_named_like_a_hook_is_one(self, bench: Bench) -> None:
        for hook in all_hooks():
            method = getattr(bench.subject.plugin, hook, None)
            expect(
                method is None or hasattr(method, f"{PROJECT}_impl"),
                hook,
                "is defined but not marked, so the agent does not see it",
                "Put @hookimpl (from waldur_agent_hookspecs) above it, also where it overrides a marked one.",
            )

    @check("CT-API-005", "An instance that equals another, or has no hash, gets lost among the agent's plugins.")
    def test_instances_are_told_apart(self, bench: Bench) -> None:
        one, other = bench.subject.plugin, bench.instance().plugin
        remedy = "Make it a plain class: no @dataclass, no __eq__, no __hash__."
        expect(type(one).__hash__ is not None, "", "instances have no hash", remedy)
        expect(one is not other, "", "the class gives the same instance again", remedy)
        expect(one != other and len({one, other}) == 2, "", "two instances are equal", remedy)

    @check("CT-API-006", "A constructor that touches the backend makes even `waldur-agent check` hang or fail.")
    def test_making_an_instance_does_nothing(self, bench: Bench) -> None:
        with watched() as seen:
            bench.instance()
        expect(
            not seen,
            "",
            f"the constructor did: {', '.join(seen)}",
            "Keep settings and context in the constructor; read, connect and start in the hooks.",
        )

    @check("CT-API-007", "A wrapper or an ordering among plugins can fail the hook that it stands around.")
    def test_hooks_are_plain_implementations(self, bench: Bench) -> None:
        for hook in sorted(bench.subject.hooks):
            options = getattr(getattr(bench.subject.plugin, hook), f"{PROJECT}_impl")
            odd = [name for name in ("wrapper", "hookwrapper", "specname") if options.get(name)]
            expect(not odd, hook, f"is marked with {', '.join(odd)}", "Use @hookimpl without options.")

    @check("CT-API-008", "A notice that answers, or a question that does not, is a hook misunderstood.")
    def test_hooks_are_methods(self, bench: Bench) -> None:
        for hook in sorted(bench.subject.hooks):
            method = getattr(bench.subject.plugin, hook)
            expect(inspect.ismethod(method), hook, f"is {type(method).__name__}", "Make it an ordinary method.")
            expect(
                not inspect.iscoroutinefunction(method) and not inspect.isgeneratorfunction(method),
                hook,
                "is a coroutine or a generator",
                "Write it as def with return: the agent calls hooks directly.",
            )

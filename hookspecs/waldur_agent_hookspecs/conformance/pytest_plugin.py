"""The pytest plugin: options, a run without a test of one's own, and what a plugin is conformant for.

It is loaded into every run of pytest where the contract is installed, and does nothing there unless checks are run.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .check import Breach, check_of
from .command_line import suite_of
from .gate import CHECKED, NOBODY, Checked
from .loading import LoadingError, load_class
from .offering_file import OfferingFileError, read_offering
from .results import PASSED, SKIPPED, Result, Results, reasons, verdicts
from .support import find_support

_SUITE = pytest.StashKey[type[object]]()
_BREACH = pytest.StashKey[Breach]()
_PROPERTY = "waldur-agent-conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the kit's options."""
    group = parser.getgroup("waldur-agent conformance")
    group.addoption(
        "--backend-conformance",
        metavar="MODULE:CLASS",
        help="check this plugin class (or the installed plugin of this name), without a test of your own",
    )
    group.addoption(
        "--backend-settings",
        metavar="FILE",
        type=Path,
        help="YAML with the plugin's backend_settings, or with backend_settings, backend_components and timezone as "
        "in the agent's configuration; {tmp} in a text is a fresh directory for each check",
    )
    group.addoption(
        "--backend-support",
        metavar="MODULE:CLASS",
        help="a ConformanceSupport for the backend; by default Support in the module 'conformance' of its package",
    )
    group.addoption("--conformance-report", metavar="FILE", type=Path, help="write what every check came to as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Keep results; with ``--backend-conformance`` run the kit's own suite, and what is named besides."""
    if not hasattr(config, "workerinput"):  # of several processes the first one sums up
        config.pluginmanager.register(Summary(config))
    if config.getoption("--backend-conformance"):
        config.stash[_SUITE] = _suite(config)
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args.clear()


def _suite(config: pytest.Config) -> type[object]:
    directory = Path(config.invocation_params.dir)
    try:
        plugin = load_class(config.getoption("--backend-conformance"), directory)
        named = config.getoption("--backend-support")
        support = load_class(named, directory) if named else find_support(plugin)
        return suite_of(plugin, read_offering(config.getoption("--backend-settings")), support)
    except (LoadingError, OfferingFileError) as error:
        raise pytest.UsageError(str(error)) from error


class _SuiteModule(pytest.Module):
    """A module that is in no file: one of the kit's own would bring along whatever conftest.py is above it."""

    def _getobj(self) -> ModuleType:
        module = ModuleType("conformance")
        module.TestPlugin = self.config.stash[_SUITE]  # type: ignore[attr-defined]
        return module


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the checks of the kit's own suite."""
    if _SUITE in session.config.stash:
        module = _SuiteModule.from_parent(session, path=session.path / "conformance", nodeid="conformance")
        items += session.genitems(module)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let ``-k CT-ACC-001`` select a check."""
    if found := check_of(getattr(item, "function", None)):
        item.extra_keyword_matches.add(found.id)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Tell a breach in the author's words: where in the kit it was found does not matter."""
    try:
        return (yield)
    except Breach as breach:
        if (check := check_of(pyfuncitem.function)) is None:
            raise
        pyfuncitem.stash[_BREACH] = breach
        pytest.fail(Result.failed(check, breach).explained(), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach what the check came to."""
    report = yield
    error = item.stash.get(_BREACH, call.excinfo.value) if call.excinfo else None
    if (result := _result(item, report, error)) is not None:
        report.user_properties.append((_PROPERTY, result.as_json()))
        if isinstance(error, Breach):  # in a fixture, too
            report.longrepr = result.explained()
    return report


def _result(item: pytest.Item, report: pytest.TestReport, error: BaseException | None) -> Result | None:
    """What a check came to; None for other tests, and for parts of one that say nothing yet."""
    check = check_of(getattr(item, "function", None))
    if check is None or (report.passed and report.when != "call"):
        return None
    known = getattr(getattr(item, "cls", None), "plugin_class", None)
    checked = item.stash.get(CHECKED, Checked.of(known) if known else NOBODY)
    if report.skipped:
        return Result(check.id, check.sentence, SKIPPED, check.hook, str(error), checked.plugin, checked.hooks)
    if error is not None:
        return Result.failed(check, error, checked.plugin, checked.hooks)
    return Result(check.id, check.sentence, PASSED, check.hook, "", checked.plugin, checked.hooks)


class Summary:
    """Collects the results of all processes, and says at the end what they mean."""

    def __init__(self, config: pytest.Config) -> None:
        self._file: Path | None = config.getoption("--conformance-report")
        self._results = Results()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a check came to."""
        for name, value in report.user_properties:
            if name == _PROPERTY:
                self._results.add(value)  # type: ignore[arg-type] # it was put there by this very module

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        if self._file is not None:
            self._file.write_text(json.dumps(self._results.as_json(), indent=2) + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what each plugin is conformant for."""
        if not self._results.all:
            return
        terminalreporter.section("conformance")
        for plugin, results in self._results.plugins():
            terminalreporter.line(plugin or "(no instance could be made)")
            for verdict in verdicts(results):
                terminalreporter.line(f"  {verdict}")
            for reason in reasons(results):
                terminalreporter.line(f"    {reason}")

"""``python -m waldur_agent_hookspecs.conformance``: the list of all checks, as ``docs/conformance.md`` has it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from .check import checks_of
from .checks import BackendChecks, ObserverChecks, PluginChecks, UsernameChecks
from .support import ABILITIES

_INTRODUCTION = """\
# The conformance kit

Whether a plugin does what the contract promises, found out by asking it. Needs the plugin and its backend alone:

```sh
pip install 'waldur-agent-hookspecs[conformance]'
pytest --backend-conformance my_package:MyPlugin --backend-settings settings.yaml
```

`settings.yaml` has the plugin's `backend_settings`, or `backend_settings`, `backend_components` and `timezone` as an
offering of the agent's configuration has them. `{tmp}` in a text is a fresh directory for each check. A backend that
others use as well may be named: every check has UUIDs and names of its own and removes what it made. As a suite:

```python
from waldur_agent_hookspecs.conformance import BackendConformance


class TestMyPlugin(BackendConformance):
    plugin_class = MyPlugin

    @pytest.fixture
    def settings(self, tmp_path):
        return {"database": str(tmp_path / "accounts.db")}
```

`UsernameConformance` and `ObserverConformance` are for the other kinds. Where an instance takes more than settings,
override the fixture `make_plugin`: it gives a function from a `PluginContext` to a plugin.

A check asks for hooks, and is skipped with the name of the one that is missing. The end of the run says which of the
agent's jobs the plugin may be given; `--conformance-report FILE` writes everything as JSON; `-k CT-ACC-002` runs one
check. A skipped check does not count against a plugin: it has promised nothing there.

## What unlocks further checks

A class `Support` (a `ConformanceSupport`) in the module `conformance` of the plugin's package is found by itself;
`--backend-support module:Class` names another one. In a suite each ability may be a fixture of its own.

| ability | |
|---|---|
"""


def document() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION + _abilities(), *_areas()]) + "\n"


def _abilities() -> str:
    return "\n".join(f"| `{name}` | {what} |" for name, what in ABILITIES.items())


def _areas() -> Iterator[str]:
    suites = (
        ("For every plugin", PluginChecks),
        ("For a plugin that holds accounts (`BackendConformance`)", BackendChecks),
        ("For a plugin that makes user names (`UsernameConformance`)", UsernameChecks),
        ("For a listener (`ObserverConformance`)", ObserverChecks),
    )
    for title, suite in suites:
        yield f"\n## {title}\n\n| check | promise of | what breaks for a site where it fails | needs |"
        yield "|---|---|---|---|"
        for check in checks_of(suite):
            hook = f"`{check.hook}`" if check.hook else "the class"
            yield f"| {check.id} | {hook} | {check.sentence} | {', '.join(check.needs)} |"


if __name__ == "__main__":
    sys.stdout.write(document())

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel
from waldur_agent.registry import PluginBroken, PluginEntry, PluginNotFound, Registry
from waldur_agent_hookspecs import AccountRef, PluginContext, hookimpl

GOOD = """
from pydantic import BaseModel
from waldur_agent_hookspecs import hookimpl

class Plugin:
    api_version = 1
    settings_model = BaseModel

    def __init__(self, settings, context):
        pass

    @hookimpl
    def delete_account(self, ref):
        return True
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a distribution with one plugin on the path, as an installer would."""

    def installed(distribution: str, name: str, code: str, *, version: str = "1.0", target: str = "Plugin") -> None:
        module = distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        metadata = tmp_path / f"{module}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8"
        )
        (metadata / "entry_points.txt").write_text(
            f"[waldur_agent.plugins]\n{name} = {module}:{target}\n", encoding="utf-8"
        )
        monkeypatch.syspath_prepend(tmp_path)
        # Another test may have imported another module of this name.
        monkeypatch.delitem(sys.modules, module, raising=False)

    return installed


def test_a_plugin_is_found_with_its_origin_and_its_hooks(install: Install) -> None:
    install("lsf-agent", "lsf", GOOD, version="2.3")
    entry = Registry.discover().get("lsf")
    assert (entry.name, entry.distribution, entry.version) == ("lsf", "lsf-agent", "2.3")
    assert entry.plugin.api_version == 1
    assert entry.hooks == ("delete_account",)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("x = (", "SyntaxError: '(' was never closed (broken_agent.py, line 1)"),
        ("", "AttributeError: module 'broken_agent' has no attribute 'Plugin'"),
    ],
    ids=["needs what is not there", "ends the program", "is no Python", "lacks the class"],
)
def test_a_plugin_that_cannot_be_imported_harms_nobody_until_it_is_used(
    install: Install, code: str, reason: str
) -> None:
    install("broken-agent", "broken", code)
    registry = Registry.discover()
    text = f"plugin 'broken' of broken-agent 1.0 cannot be imported: {reason}"
    assert "broken" not in registry.names()
    assert registry.get("base").name == "base"
    assert registry.broken["broken"] == text
    with pytest.raises(PluginBroken) as caught:
        registry.get("broken")
    assert str(caught.value) == text


def test_two_distributions_with_one_plugin_name_are_both_named(install: Install) -> None:
    install("first-agent", "twice", GOOD)
    install("second-agent", "twice", GOOD, version="2.0")
    with pytest.raises(PluginBroken) as caught:
        Registry.discover().get("twice")
    assert str(caught.value) == (
        "the plugin name 'twice' is claimed by first-agent 1.0 and second-agent 2.0; uninstall one of them"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [(GOOD.replace("api_version = 1", "api_version = 7"), "7"), (GOOD.replace("api_version = 1", ""), "None")],
    ids=["newer", "none"],
)
def test_a_plugin_for_another_contract_is_refused(install: Install, code: str, said: str) -> None:
    install("other-agent", "other", code)
    with pytest.raises(PluginBroken) as caught:
        Registry.discover().get("other")
    assert str(caught.value) == (
        f"plugin 'other' of other-agent 1.0 was written for version {said} of the plugin contract, "
        "this agent understands 1; update the older of the two"
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def Plugin(): pass", "odd_agent:Plugin is not a class"),
        (
            GOOD.replace("settings_model = BaseModel", "settings_model = dict"),
            "its settings_model is not a pydantic model",
        ),
    ],
)
def test_what_is_no_plugin_is_refused(install: Install, code: str, reason: str) -> None:
    install("odd-agent", "odd", code)
    with pytest.raises(PluginBroken, match=f"^plugin 'odd' of odd-agent 1.0 is no plugin: {reason}$"):
        Registry.discover().get("odd")


class Handmade:
    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[Any]] = BaseModel

    def __init__(self, settings: BaseModel, context: PluginContext) -> None:
        """Nothing to keep."""

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        return True

    @hookimpl
    def delete_acount(self, ref: AccountRef) -> bool:
        """Misspelt: not in the contract."""
        return True

    def create_account(self, ref: AccountRef) -> str:
        """Not marked: no hook."""
        return ""


def test_hooks_are_the_marked_methods_of_the_contract() -> None:
    assert PluginEntry.of("handmade", Handmade).hooks == ("delete_account",)


def test_a_registry_iterates_in_the_order_of_names() -> None:
    registry = Registry.of(*(PluginEntry.of(name, Handmade) for name in ("b", "c", "a")))
    assert [entry.name for entry in registry] == ["a", "b", "c"] == list(registry.names())


def test_an_unknown_name_comes_with_the_known_ones() -> None:
    registry = Registry.of(PluginEntry.of("b", Handmade), PluginEntry.of("a", Handmade))
    with pytest.raises(PluginNotFound, match=r"^no plugin is called 'c'; installed are a, b$"):
        registry.get("c")
    with pytest.raises(PluginNotFound, match=r"^no plugin is called 'c'; installed are none$"):
        Registry.of().get("c")


def test_the_plugins_of_this_project_can_all_be_used() -> None:
    registry = Registry.discover()
    assert {"base", "homedirs", "moab", "sandbox", "slurm"} <= set(registry.names())


def test_the_registry_brings_neither_pydantic_nor_the_configuration() -> None:
    code = "import sys, waldur_agent.registry; print({'pydantic', 'yaml', 'waldur_agent.config'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

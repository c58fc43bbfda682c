"""The classes that an author subclasses: fixtures, and the checks of each area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from waldur_agent_hookspecs import Component

from .bench import COMPONENTS, Ability, Bench, MakePlugin
from .check import check_of
from .checks import BackendChecks, ObserverChecks, PluginChecks, UsernameChecks
from .gate import CHECKED, Checked, skip_unless
from .support import ABILITIES, ConformanceSupport, find_support


class Conformance(PluginChecks):
    """What all suites share. Give ``plugin_class`` and the fixture ``settings``, or the fixture ``make_plugin``.

    Attributes:
        plugin_class: The plugin's class.
        cleans_up: False where the backend is thrown away after each check, so that nothing needs to be removed.
    """

    plugin_class: ClassVar[type[Any] | None] = None
    cleans_up: ClassVar[bool] = True

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """The plugin's own keys under ``backend_settings``, for an empty backend."""
        return {}

    @pytest.fixture
    def components(self) -> Mapping[str, Component]:
        """The offering's ``backend_components``."""
        return COMPONENTS

    @pytest.fixture
    def timezone(self) -> str:
        """The zone in which months are billed."""
        return "UTC"

    @pytest.fixture
    def plugin_settings(self, settings: Mapping[str, object], components: Mapping[str, Component]) -> Any:
        """The settings as the plugin gets them: checked, as the agent checks them."""
        if self.plugin_class is None:
            return None
        model = self.plugin_class.settings_model
        return model.model_validate(dict(settings), context={"components": components})

    @pytest.fixture
    def make_plugin(self, plugin_settings: Any) -> MakePlugin:
        """Makes an instance of the plugin for a context; all instances share one empty backend."""
        plugin_class = self.plugin_class
        if plugin_class is None:
            pytest.fail("give the suite a plugin_class, or override the fixture make_plugin", pytrace=False)
        return lambda context: plugin_class(plugin_settings, context)

    # ------------------------------------------------------------ what unlocks further checks

    @pytest.fixture
    def support(self, plugin_settings: Any) -> ConformanceSupport:
        """What can be done behind the plugin's back: the ``Support`` of its package, if it has one."""
        found = find_support(self.plugin_class) if self.plugin_class else ConformanceSupport
        return found(plugin_settings)

    @pytest.fixture
    def break_backend(self, support: ConformanceSupport) -> Ability | None:
        """Gives a context in which the backend cannot be read."""
        return support.break_backend if support.can("break_backend") else None

    @pytest.fixture
    def hang_backend(self, support: ConformanceSupport) -> Ability | None:
        """Gives a context in which the backend does not answer."""
        return support.hang_backend if support.can("hang_backend") else None

    @pytest.fixture
    def plant_foreign_account(self, support: ConformanceSupport) -> Ability | None:
        """Makes an account by hand: its argument is the backend id."""
        return support.plant_foreign_account if support.can("plant_foreign_account") else None

    @pytest.fixture
    def add_usage(self, support: ConformanceSupport) -> Ability | None:
        """Lets a member use an account: ``(backend_id, username, amounts, start, end)``."""
        return support.add_usage if support.can("add_usage") else None

    @pytest.fixture
    def bench(
        self,
        request: pytest.FixtureRequest,
        *,
        make_plugin: MakePlugin,
        components: Mapping[str, Component],
        timezone: str,
        support: ConformanceSupport,
        plugin_settings: Any,
    ) -> Iterator[Bench]:
        """The plugin on its backend, if it implements what the check asks for."""
        abilities = {name: request.getfixturevalue(name) for name in ABILITIES}
        support.prepare()
        bench = Bench(make_plugin, components, support, abilities, settings=plugin_settings, zone=timezone)
        request.node.stash[CHECKED] = Checked.of(type(bench.subject.plugin))
        if found := check_of(request.function):
            skip_unless(found, bench.subject, abilities)
        yield bench
        if self.cleans_up:
            bench.clean()


class BackendConformance(BackendChecks, Conformance):
    """For a plugin that holds accounts: orders, members, usage. What it does not implement is skipped."""


class UsernameConformance(UsernameChecks, Conformance):
    """For a plugin that finds or makes local user names."""


class ObserverConformance(ObserverChecks, Conformance):
    """For a plugin that listens to notices."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import waldur_agent_hookspecs as contract

LOADED = """
import sys
before = set(sys.modules)
import waldur_agent_hookspecs
import waldur_agent_hookspecs.specs
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - set(sys.stdlib_module_names)))
"""


def test_everything_public_is_listed_in_order() -> None:
    public = [
        name
        for name, value in vars(contract).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name != "annotations"
    ]
    assert sorted(contract.__all__) == sorted(public)
    assert len(set(contract.__all__)) == len(contract.__all__)
    constants, classes, markers = (
        [name for name in contract.__all__ if kind(name)]
        for kind in (str.isupper, lambda name: not name.isupper() and name[0].isupper(), str.islower)
    )
    assert contract.__all__ == sorted(constants) + sorted(classes) + sorted(markers)


def test_the_contract_loads_pluggy_and_nothing_else() -> None:
    # Only pluggy itself: what it loads besides would be loaded by every plugin, too.
    done = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["pluggy", "waldur_agent_hookspecs"]


def test_this_version_is_supported() -> None:
    assert contract.API_VERSION in contract.SUPPORTED_API_VERSIONS

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from waldur_agent.config import Config, Role
from waldur_agent.registry import Registry

BAD = {
    "unknown backend": (
        {6: "    backend_type: slrum"},
        [
            (
                "6:19: offerings[0].backend_type names the plugin 'slrum', which is not installed (expected "
                "one of base, homedirs, moab, sandbox, slurm; did you mean slurm?)"
            )
        ],
    ),
    "unknown plugin for one job": (
        {6: "    order_processing_backend: slurm\n    reporting_backend: nothing-like-it"},
        [
            (
                "7:24: offerings[0].reporting_backend names the plugin 'nothing-like-it', which is not "
                "installed (expected one of base, homedirs, moab, sandbox, slurm)"
            )
        ],
    ),
    "unknown plugin for names": (
        {6: "    backend_type: slurm\n    username_management_backend: bsae"},
        [
            (
                "7:34: offerings[0].username_management_backend names the plugin 'bsae', which is not "
                "installed (expected one of base, homedirs, moab, sandbox, slurm; did you mean base?)"
            )
        ],
    ),
    "unknown and double listener": (
        {6: "    backend_type: slurm\n    plugins: [homedirs, homedirs, homedir]"},
        [
            "7:25: offerings[0].plugins[1] names homedirs a second time (expected each plugin once)",
            (
                "7:35: offerings[0].plugins[2] names the plugin 'homedir', which is not installed (expected "
                "one of base, homedirs, moab, sandbox, slurm; did you mean homedirs?)"
            ),
        ],
    ),
    "neither backend_type nor a job's key": (
        {6: ""},
        [
            (
                "2:5: offerings[0] names no backend (expected backend_type, or at least one of "
                "order_processing_backend, membership_sync_backend, reporting_backend)"
            )
        ],
    ),
    "every job given to nobody": (
        {6: "    backend_type: slurm\n    order_processing_backend: ''"},
        [
            (
                "2:5: offerings[0] names no backend (expected backend_type, or at least one of "
                "order_processing_backend, membership_sync_backend, reporting_backend)"
            )
        ],
    ),
    "backend_type is no text": (
        {6: "    backend_type: 5"},
        ["6:19: offerings[0].backend_type is a number (expected text; put it in quotes)"],
    ),
    "a job's key is null": (
        {6: "    order_processing_backend:"},
        ["6:5: offerings[0].order_processing_backend is empty (expected text)"],
    ),
    "a listener that is switched off": (
        {
            6: "    backend_type: slurm\n    plugins: [homedirs]",
            10: "      enable_user_homedir_account_creation: false",
        },
        [
            (
                "7:14: offerings[0].plugins lists homedirs, and enable_user_homedir_account_creation is false"
                " (expected one of them to change: homedirs joins by itself where the key is true)"
            )
        ],
    ),
}


@pytest.mark.parametrize(("changes", "errors"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_told_in_full(
    refusal: Callable[[Mapping[int, str]], list[str]], changes: Mapping[int, str], errors: list[str]
) -> None:
    assert refusal(changes) == [f"c.yaml:{error}" for error in errors]


def test_backend_type_stands_for_every_job(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    offering = load_changed({6: "    backend_type: SLURM"}).offerings[0]
    assert offering.backends == dict.fromkeys(Role, "slurm")
    assert offering.username_plugin == "base"


def test_a_job_without_a_key_is_left_undone_where_another_has_one(
    load_changed: Callable[[Mapping[int, str]], Config],
) -> None:
    jobs = "    backend_type: moab\n    order_processing_backend: slurm\n    reporting_backend: ''"
    assert load_changed({6: jobs}).offerings[0].backends == {Role.ORDER_PROCESSING: "slurm"}


@pytest.mark.parametrize("key", ["order_processing_backend", "membership_sync_backend"])
def test_homes_join_where_members_are_os_users(load_changed: Callable[[Mapping[int, str]], Config], key: str) -> None:
    offering = load_changed({6: f"    {key}: slurm"}).offerings[0]
    assert offering.plugins == ("homedirs",)
    assert set(offering.settings) == {"slurm", "base", "homedirs"}
    assert offering.settings["homedirs"].umask == "0077"


@pytest.mark.parametrize(
    "changes",
    [
        {10: "      enable_user_homedir_account_creation: false"},
        {6: "    reporting_backend: slurm"},
        {6: "    backend_type: moab", 12: "      deposit:"},
    ],
    ids=["switched off", "usage only", "no users of the operating system"],
)
def test_homes_stay_away_elsewhere(
    load_changed: Callable[[Mapping[int, str]], Config], changes: Mapping[int, str]
) -> None:
    offering = load_changed(changes).offerings[0]
    assert offering.plugins == ()
    assert "homedirs" not in offering.settings


def test_keys_are_not_judged_where_a_plugin_is_unknown(refusal: Callable[[Mapping[int, str]], list[str]]) -> None:
    jobs = "    order_processing_backend: slurm\n    reporting_backend: lsf"
    assert len(refusal({6: jobs, 10: "      lsf_server: x"})) == 1


def test_a_listed_plugin_serves_any_backend(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    changes = {6: "    backend_type: moab\n    plugins: [homedirs]", 12: "      deposit:"}
    assert load_changed(changes).offerings[0].plugins == ("homedirs",)


def test_a_broken_plugin_is_told_only_where_it_is_named(
    registry: Registry, base: str, load_text: Callable[..., Config], refusal: Callable[..., list[str]]
) -> None:
    broken = Registry(
        {entry.name: entry for entry in registry}, {"lsf": "plugin 'lsf' of lsf 1.0 cannot be imported"}
    )
    assert load_text(base, plugins=broken).offerings
    assert refusal(base.replace("slurm", "lsf"), plugins=broken) == [
        (
            "c.yaml:6:19: offerings[0].backend_type names a plugin that cannot be used: "
            "plugin 'lsf' of lsf 1.0 cannot be imported (expected a plugin that works)"
        )
    ]

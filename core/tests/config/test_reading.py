from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from waldur_agent.config import Config, ConfigError, RemovalFuse, Role, load
from waldur_agent.registry import Registry
from waldur_agent_hookspecs import Component

SEED = Path(__file__).with_name("seed-configuration.yaml")

BAD = {
    "no offerings": ("timezone: UTC\n", ["1:1: offerings is missing (expected a list of offerings)"]),
    "empty offerings": ("offerings: []\n", ["1:12: offerings is empty (expected 1 or more entries)"]),
    "null offerings": ("offerings:\n", ["1:1: offerings is empty (expected a list)"]),
    "offerings as mapping": ("offerings: {name: Ocean}\n", ["1:12: offerings is a mapping (expected a list)"]),
}


@pytest.mark.parametrize(("text", "errors"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_told_in_full(
    refusal: Callable[[str | bytes], list[str]], text: str | bytes, errors: list[str]
) -> None:
    assert refusal(text) == [f"c.yaml:{error}" for error in errors]


def test_the_reference_configuration_of_the_first_agents_loads_unchanged(registry: Registry) -> None:
    config = load(SEED, registry=registry, environ={})
    assert (config.timezone, config.sentry_dsn, config.reporting_periods, config.path) == ("UTC", "", 2, SEED)
    slurm, moab = config.offerings
    assert (slurm.name, slurm.api_url, slurm.uuid) == ("Example SLURM Offering", "http://localhost:8081/api/", "")
    assert slurm.token.get_secret_value() == ""
    assert slurm.event_transport == "mqtt"
    assert slurm.websocket_use_tls
    assert slurm.verify_ssl
    assert slurm.backends == dict.fromkeys(Role, "slurm")
    assert slurm.plugins == ("homedirs",)
    assert slurm.settings["slurm"].qos_downscaled == "limited"
    assert slurm.settings["slurm"].allocation_prefix == "hpc_"
    assert slurm.settings["homedirs"].umask == "0077"
    assert slurm.components == {
        "cpu": Component("cpu", "usage", Decimal(60000), "k-Hours", "CPU"),
        "mem": Component("mem", "usage", Decimal(61440), "gb-Hours", "RAM", Decimal(10)),
    }
    assert (slurm.removal_fuse, slurm.protected_users) == (RemovalFuse(members=40, percent=30), frozenset())
    assert not slurm.recreate_missing_accounts
    assert moab.backends == dict.fromkeys(Role, "moab")
    assert moab.event_transport is None
    assert moab.settings["moab"].project_prefix == "p_"
    assert moab.components == {"deposit": Component("deposit", "limit", Decimal(1), "EUR", "Deposit (EUR)")}
    assert len(config.warnings) == 1
    assert f"{SEED}:25: " in config.warnings[0]


def test_empty_token_and_uuid_are_told_when_something_is_to_run(registry: Registry) -> None:
    config = load(SEED, registry=registry, environ={})
    assert config.offerings[0].ready_problems() == [
        "offering 'Example SLURM Offering': waldur_api_token is empty",
        "offering 'Example SLURM Offering': waldur_offering_uuid is empty",
    ]


def test_what_is_filled_in_is_ready(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    assert load_changed({}).offerings[0].ready_problems() == []


def test_the_keys_of_our_own_are_honoured(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    ours = """\
    backend_type: slurm
    verify_ssl: false
    stomp_enabled: true
    websocket_use_tls: false
    stomp_ws_host: "[::1]"
    stomp_ws_port: 15674
    stomp_ws_path: /ws
    mqtt_ws_host: broker.example.org
    mqtt_ws_port: null
    mqtt_ws_path: /mqtt
    removal_fuse: {percent: 5}
    protected_users: [root, root, "007"]
    allow_usage_decrease: [a_climate]
    recreate_missing_accounts: true"""
    config = load_changed({6: ours, 18: "reporting_periods: 12\nreporting_grace_days: 5"})
    offering = config.offerings[0]
    assert (config.reporting_periods, config.reporting_grace_days) == (12, 5)
    assert not offering.verify_ssl
    assert not offering.websocket_use_tls
    assert offering.event_transport == "stomp"
    assert (offering.stomp_ws_host, offering.stomp_ws_port, offering.stomp_ws_path) == ("::1", 15674, "/ws")
    assert (offering.mqtt_ws_host, offering.mqtt_ws_port, offering.mqtt_ws_path) == (
        "broker.example.org",
        None,
        "/mqtt",
    )
    assert offering.removal_fuse == RemovalFuse(members=40, percent=5)
    assert offering.protected_users == {"root", "007"}
    assert offering.recreate_missing_accounts
    assert [offering.may_decrease(name) for name in ("a_climate", "a_waves")] == [True, False]


@pytest.mark.parametrize(("given", "may"), [("true", True), ("false", False), ("[]", False)])
def test_usage_may_decrease_for_all_or_none(
    load_changed: Callable[[Mapping[int, str]], Config], given: str, may: bool
) -> None:
    config = load_changed({6: f"    backend_type: slurm\n    allow_usage_decrease: {given}"})
    assert config.offerings[0].may_decrease("a_climate") is may


def test_factors_are_exact(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    factor = "0.1000000000000000055511151231257827"
    components = load_changed({14: f"        unit_factor: {factor}"}).offerings[0].components
    assert components["cpu"].unit_factor == Decimal(factor)


def test_byte_order_mark_and_carriage_returns_are_fine(load_text: Callable[..., Config]) -> None:
    text = SEED.read_text(encoding="utf-8").replace("\n", "\r\n")
    assert len(load_text(b"\xef\xbb\xbf" + text.encode()).offerings) == 2


def test_an_offering_may_take_over_keys_of_another(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    second = "  - <<: *ocean\n    name: Lake\n    waldur_offering_uuid: 1a1b2c3d4e5f60718293a4b5c6d7e8f9"
    first, lake = load_changed({2: "  - &ocean\n    name: Ocean", 18: second}).offerings
    assert (first.name, lake.name) == ("Ocean", "Lake")
    assert lake.components == first.components


def test_the_same_offering_twice_is_refused_however_its_uuid_is_written(
    refusal: Callable[[Mapping[int, str]], list[str]],
) -> None:
    second = "  - <<: *ocean\n    waldur_offering_uuid: 0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"
    assert refusal({2: "  - &ocean\n    name: Ocean", 18: second}) == [
        "c.yaml:20:27: offerings[1].waldur_offering_uuid is that of offerings[0] too (expected each offering once)"
    ]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("absent.yaml", "absent.yaml:1:1: there is no such file (expected the path of a configuration file)"),
        (".", ".:1:1: this is a directory (expected the path of a configuration file)"),
        (
            "/proc/self/mem",
            "/proc/self/mem:1:1: the file cannot be read: Input/output error (expected a readable file)",
        ),
        ("a\0b", "a\0b:1:1: the file cannot be read: embedded null byte (expected a readable file)"),
    ],
    ids=["absent", "directory", "unreadable", "impossible"],
)
def test_a_file_that_cannot_be_read_is_told(
    registry: Registry, path: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(Path(path), registry=registry, environ={})
    assert str(caught.value) == error


GOOD_LINES = SEED.read_text(encoding="utf-8").splitlines()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_nothing_but_a_configuration_error_comes_of_arbitrary_content(
    load_text: Callable[..., Config], content: str | bytes
) -> None:
    with pytest.raises(ConfigError):
        load_text(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


SCALARS = st.sampled_from(
    [
        *["", "~", "0077", "1:30", "1.5", ".nan", "2026-01-01", "yes", "*a", "&a x", "[", "{}", "[1]", "!x 1"],
        *["{a: 1}", "'", '"\\q"', "<<", "=", "${X}", "a: b", "|", "- x", "!!int x", "!!float x", "!!bool x", "0x_"],
        *["\t1", "!!set {a}", "{<<: 1}", "&b {<<: *b}", "9999999999999999999999999999999999999999999999", "?"],
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.dictionaries(st.integers(0, len(GOOD_LINES) - 1), SCALARS, min_size=1, max_size=4))
def test_nothing_but_a_configuration_error_comes_of_a_mutilated_file(
    load_text: Callable[..., Config], changes: Mapping[int, str]
) -> None:
    lines = [
        f"{line.partition(':')[0]}: {changes[number]}" if number in changes else line
        for number, line in enumerate(GOOD_LINES)
    ]
    with suppress(ConfigError):
        load_text("\n".join(lines))

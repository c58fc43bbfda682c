from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

import pytest
from pydantic import AliasChoices, BaseModel, Field, SecretStr, ValidationInfo, model_validator
from waldur_agent.config import Config
from waldur_agent.registry import PluginEntry, Registry
from waldur_agent_hookspecs import PluginContext

BAD = {
    "key of another backend": (
        {8: "      database: x"},
        [
            (
                "8:7: offerings[0].backend_settings.database belongs to the plugin sandbox, which this "
                "offering does not use (expected keys of slurm, base, homedirs)"
            )
        ],
    ),
    "key of several other backends": (
        {6: "    backend_type: sandbox", 8: "      database: x", 9: "      default_account: x"},
        [
            (
                "9:7: offerings[0].backend_settings.default_account belongs to the plugin moab or slurm, "
                "which this offering does not use (expected keys of sandbox, base, homedirs)"
            )
        ],
    ),
    "key of nobody, near to one": (
        {8: "      defualt_account: x"},
        [("8:7: offerings[0].backend_settings.defualt_account is not a known key (did you mean default_account?)")],
    ),
    "key of nobody, near to none": (
        {6: "    backend_type: sandbox", 8: "      database: x", 9: "      zzz: x"},
        [
            (
                "9:7: offerings[0].backend_settings.zzz is not a known key (expected one of "
                "allocation_prefix, customer_prefix, database, default_homedir_umask, "
                "enable_user_homedir_account_creation, homedir_umask, project_prefix, wait_seconds)"
            )
        ],
    ),
    "number for text": (
        {8: "      default_account: 5"},
        [("8:24: offerings[0].backend_settings.default_account is a number (expected text; put it in quotes)")],
    ),
    "prefix with a blank": (
        {9: "      customer_prefix: 'a b'"},
        [
            (
                "9:24: offerings[0].backend_settings.customer_prefix cannot be used: 'a b' cannot begin a "
                "SLURM account's name: allowed are at most 32 of a-z, 0-9, '_', '.' and '-', beginning with a"
                " letter or a digit"
            )
        ],
    ),
    "prefix like an option": (
        {9: "      customer_prefix: '-ab'"},
        [
            (
                "9:24: offerings[0].backend_settings.customer_prefix cannot be used: '-ab' cannot begin a "
                "SLURM account's name: allowed are at most 32 of a-z, 0-9, '_', '.' and '-', beginning with a"
                " letter or a digit"
            )
        ],
    ),
    "double key": (
        {9: "      default_account: x"},
        ["9:7: default_account is given twice, first in line 8 (expected one of them)"],
    ),
    "missing key": (
        {6: "    backend_type: sandbox", 8: ""},
        ["9:7: offerings[0].backend_settings lacks database, which the plugin sandbox needs"],
    ),
    "umask in octal without quotes": (
        {10: "      homedir_umask: 0077"},
        [
            (
                "10:22: offerings[0].backend_settings.homedir_umask is an octal number to YAML (expected "
                "text; put it in quotes)"
            )
        ],
    ),
    "umask as number": (
        {10: "      homedir_umask: 77"},
        [("10:22: offerings[0].backend_settings.homedir_umask is a number (expected text; put it in quotes)")],
    ),
    "umask that is none": (
        {10: '      homedir_umask: "0o77"'},
        [
            (
                "10:22: offerings[0].backend_settings.homedir_umask cannot be used: a umask is three octal "
                'digits, with or without a 0 before them, such as "0077"'
            )
        ],
    ),
    "umask that locks the owner out": (
        {10: '      homedir_umask: "0755"'},
        [
            (
                "10:22: offerings[0].backend_settings.homedir_umask cannot be used: a umask is what is taken "
                "away, and this one takes rights of the owner; for a home that only its owner may enter write"
                ' "0077"'
            )
        ],
    ),
    "two umasks": (
        {9: '      default_homedir_umask: "0022"'},
        [
            (
                "7:5: offerings[0].backend_settings cannot be used: homedir_umask and default_homedir_umask "
                "are two names of one thing and differ"
            )
        ],
    ),
    "text for truth": (
        {10: "      enable_user_homedir_account_creation: 'yes'"},
        [
            (
                "10:45: offerings[0].backend_settings.enable_user_homedir_account_creation is text (expected "
                "true or false)"
            )
        ],
    ),
    "component that the backend needs": (
        {6: "    backend_type: moab"},
        [
            (
                "7:5: offerings[0].backend_settings cannot be used: MOAB serves the component deposit alone, "
                "and backend_components has none"
            )
        ],
    ),
    "prefix that MOAB does not take": (
        {6: "    backend_type: moab", 9: "      customer_prefix: a|b", 12: "      deposit:"},
        [
            (
                "9:24: offerings[0].backend_settings.customer_prefix does not have the right form (expected "
                "letters, digits, '_', '.' and '-', the first one neither '.' nor '-')"
            )
        ],
    ),
}


@pytest.mark.parametrize(("changes", "errors"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_told_in_full(
    refusal: Callable[[Mapping[int, str]], list[str]], changes: Mapping[int, str], errors: list[str]
) -> None:
    assert refusal(changes) == [f"c.yaml:{error}" for error in errors]


class Queue(BaseModel):
    name: str
    weight: Decimal = Decimal(1)


class StrangerSettings(BaseModel):
    password: SecretStr = SecretStr("")
    server: str = Field(default="", validation_alias=AliasChoices("server", "head_node"))
    share: float = 1.0
    queues: list[Queue] = []

    @model_validator(mode="after")
    def _look_around(self, info: ValidationInfo) -> Self:
        if self.server == "old":
            warnings.warn("server is an old one", stacklevel=2)
        if self.server == "broken":
            raise KeyError(self.password.get_secret_value())
        if info.context and "gpu" in info.context.get("components", {}):
            raise ValueError("no GPU here")
        return self


class Stranger:
    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[Any]] = StrangerSettings

    def __init__(self, settings: StrangerSettings, context: PluginContext) -> None:
        """Nothing to keep."""


@pytest.fixture
def with_stranger(registry: Registry) -> Registry:
    return Registry.of(*registry, PluginEntry.of("stranger", Stranger, distribution="stranger-agent", version="1.2"))


def stranger(settings: str, component: str = "cpu") -> str:
    return f"""\
offerings:
  - name: Ocean
    waldur_api_url: https://waldur.example.org/api/
    waldur_api_token: ""
    waldur_offering_uuid: ""
    backend_type: stranger
    backend_settings: {settings}
    backend_components: {{{component}: {{measured_unit: h, accounting_type: limit, label: x}}}}
"""


def test_a_plugin_gets_its_own_keys_as_its_model_wants_them(
    load_text: Callable[..., Config], with_stranger: Registry
) -> None:
    text = stranger("{head_node: h1, share: 0.1, queues: [{name: long, weight: 0.1}], homedir_umask: '0022'}")
    settings = load_text(text, plugins=with_stranger).offerings[0].settings["stranger"]
    assert settings == StrangerSettings(head_node="h1", share=0.1, queues=[Queue(name="long", weight=Decimal("0.1"))])


def test_an_error_deep_in_a_plugin_s_settings_has_its_place(
    refusal: Callable[..., list[str]], with_stranger: Registry
) -> None:
    assert refusal(stranger("{queues: [{name: long}, {weight: x}]}"), plugins=with_stranger) == [
        "c.yaml:7:47: offerings[0].backend_settings.queues[1] lacks name, which the plugin stranger needs",
        "c.yaml:7:56: offerings[0].backend_settings.queues[1].weight is text (expected a number)",
    ]


def test_what_a_plugin_warns_of_is_kept_with_its_place(
    load_text: Callable[..., Config], with_stranger: Registry
) -> None:
    config = load_text(stranger("{server: old}"), plugins=with_stranger)
    assert config.warnings == ("c.yaml:7: offerings[0].backend_settings: server is an old one",)


def test_a_plugin_that_fails_is_named_without_its_words(
    refusal: Callable[..., list[str]], with_stranger: Registry
) -> None:
    assert refusal(stranger("{server: broken, password: 5ecre7}"), plugins=with_stranger) == [
        (
            "c.yaml:7:5: offerings[0].backend_settings cannot be checked: plugin 'stranger' (stranger-agent 1.2) "
            "failed with KeyError (expected a plugin whose settings_model works)"
        )
    ]


def test_a_plugin_may_look_at_the_components(refusal: Callable[..., list[str]], with_stranger: Registry) -> None:
    assert refusal(stranger("{}", "gpu"), plugins=with_stranger) == [
        "c.yaml:7:5: offerings[0].backend_settings cannot be used: no GPU here"
    ]


def test_components_that_are_wrong_themselves_are_not_missed_as_well(
    refusal: Callable[[Mapping[int, str]], list[str]],
) -> None:
    assert refusal({6: "    backend_type: moab", 12: "      deposit:", 14: "        unit_factor: 0"}) == [
        (
            "c.yaml:14:22: offerings[0].backend_components.deposit.unit_factor is out of bounds "
            "(expected a number above 0)"
        )
    ]


def test_no_settings_are_shown(load_text: Callable[..., Config], with_stranger: Registry) -> None:
    config = load_text(stranger("{server: 5ecre7}"), plugins=with_stranger)
    assert "5ecre7" not in repr(config)


def test_the_umask_of_the_first_agents_is_mended_with_one_warning(
    load_changed: Callable[[Mapping[int, str]], Config],
) -> None:
    config = load_changed({10: '      homedir_umask: "0700"'})
    assert config.offerings[0].settings["homedirs"].umask == "0077"
    assert config.warnings == (
        (
            "c.yaml:10: offerings[0].backend_settings: homedir_umask is 0700, which would lock owners out of their "
            "homes; 0077 is used"
        ),
    )

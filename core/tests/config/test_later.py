from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from waldur_agent.config import Config

BAD = {
    "soft delete": (
        {8: "      soft_delete: true"},
        [
            (
                "8:20: offerings[0].backend_settings.soft_delete asks for something that this agent does not "
                "do (expected no such key)"
            )
        ],
    ),
    "accounts without parents": (
        {8: "      root_account: x\n      parent_account: y"},
        [
            (
                "8:21: offerings[0].backend_settings.root_account asks for something that this agent does not"
                " do (expected no such key)"
            ),
            (
                "9:23: offerings[0].backend_settings.parent_account asks for something that this agent does "
                "not do (expected no such key)"
            ),
        ],
    ),
    "QoS made by the agent": (
        {8: "      qos_management: {enabled: true}"},
        [
            (
                "8:23: offerings[0].backend_settings.qos_management asks for something that this agent does "
                "not do (expected no such key)"
            )
        ],
    ),
    "another way to the cluster": (
        {8: "      execution_mode: rest"},
        [
            (
                "8:23: offerings[0].backend_settings.execution_mode asks for something that this agent does "
                "not do (expected no such key)"
            )
        ],
    ),
    "resources imported": (
        {2: "  - resource_import_enabled: true\n    name: Ocean"},
        [
            (
                "2:30: offerings[0].resource_import_enabled asks for something that this agent does not do "
                "(expected no such key)"
            )
        ],
    ),
    "members left alone": (
        {2: "  - stomp_membership_sync_enabled: false\n    name: Ocean"},
        [
            (
                "2:36: offerings[0].stomp_membership_sync_enabled asks for something that this agent does not"
                " do (expected no such key)"
            )
        ],
    ),
    "other amounts reported": (
        {17: "        unit_factor_reporting: 2"},
        [
            (
                "17:32: offerings[0].backend_components.cpu.unit_factor_reporting asks for something that "
                "this agent does not do (expected no such key)"
            )
        ],
    ),
    "backend's words kept back": (
        {18: "expose_backend_error_details: false"},
        [
            (
                "18:31: expose_backend_error_details asks for something that this agent does not do (expected"
                " no such key)"
            )
        ],
    ),
    "key of a later release in the wrong section": (
        {18: "soft_delete: true"},
        [
            (
                "18:1: soft_delete is not a known key (expected one of offerings, "
                "reporting_grace_days, reporting_periods, sentry_dsn, state_directory, timezone)"
            )
        ],
    ),
}


@pytest.mark.parametrize(("changes", "errors"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_told_in_full(
    refusal: Callable[[Mapping[int, str]], list[str]], changes: Mapping[int, str], errors: list[str]
) -> None:
    assert refusal(changes) == [f"c.yaml:{error}" for error in errors]


def test_one_warning_names_all_later_keys(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    config = load_changed(
        {
            2: "  - oidc_token_url: https://sso.example.org\n    name: Ocean",
            8: "      soft_delete: false\n      qos_management: {enabled: false, flags: NoDecay}",
            17: "        target_components: {}\n        description: Cores",
            18: "log_level: DEBUG\ntimezone: UTC",
        }
    )
    assert config.warnings == (
        (
            "c.yaml: keys of later waldur-site-agent releases have no effect here: log_level (line 21), "
            "offerings[0].backend_components.cpu.description (line 20), "
            "offerings[0].backend_components.cpu.target_components (line 19), "
            "offerings[0].backend_settings.qos_management (line 10), "
            "offerings[0].backend_settings.soft_delete (line 9), "
            "offerings[0].oidc_token_url (line 2)"
        ),
    )


def test_later_keys_that_the_plugin_knows_are_no_news(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    config = load_changed({8: "      slurm_bin_path: /opt/slurm/bin\n      cluster_name: aurora"})
    assert config.warnings == ()
    assert config.offerings[0].settings["slurm"].cluster_name == "aurora"


@pytest.mark.parametrize("value", ["", "null", "false"])
def test_a_feature_that_is_switched_off_does_no_harm(
    load_changed: Callable[[Mapping[int, str]], Config], value: str
) -> None:
    assert "ldap (line 8)" in load_changed({8: f"      ldap: {value}"}).warnings[0]


AS_THE_PEER_HAS_THEM = """\
elastic_apm_server_url: https://apm.example.org
global_proxy: http://proxy.example.org
log_level: INFO
expose_backend_error_details: true
log_shipping: {enabled: false, ship_interval_seconds: 60, buffer_size_mb: 1, log_level: WARNING}
timezone: UTC
offerings:
  - name: Ocean
    waldur_api_url: https://waldur.example.org/api/
    waldur_api_token: ""
    waldur_offering_uuid: ""
    backend_type: slurm
    oidc_token_url: ""
    oidc_client_id: ""
    oidc_client_secret: ""
    stomp_membership_sync_enabled: null
    resource_import_enabled: false
    username_reconciliation_enabled: false
    backend_settings:
      homedir_base_path: ""
      homedir_quota: null
      root_account: null
      parent_account: null
      default_account_policy: common
      default_partition: ""
      enforce_offering_partitions: false
      qos_enforcement_enabled: false
      enforce_offering_qos: false
      qos_management: {enabled: false, flags: "DenyOnLimit,NoDecay"}
      project_directory: {enabled: false}
      periodic_limits: {enabled: false}
      execution_mode: cli
      rest_api: {url: http://localhost:6820, timeout: 30}
      soft_delete: false
      check_backend_id_uniqueness: false
      check_all_offerings: false
      backend_id_max_retries: 50
      ldap: {}
    backend_components:
      cpu:
        measured_unit: h
        accounting_type: usage
        label: CPU
        unit_factor_reporting: null
        description: Cores
        min_value: 0
        max_value: 1
        max_available_limit: 1
        default_limit: 1
        limit_period: month
        article_code: x
        is_boolean: false
        is_prepaid: false
        min_prepaid_duration: 1
        max_prepaid_duration: 1
        prepaid_duration_step: 1
        min_renewal_duration: 1
        max_renewal_duration: 1
        renewal_duration_step: 1
        target_components: {}
"""


def test_every_later_key_may_stand_with_its_default(load_text: Callable[..., Config]) -> None:
    config = load_text(AS_THE_PEER_HAS_THEM)
    assert len(config.warnings) == 1
    assert config.warnings[0].count("(line ") == 5 + 6 + 19 + 17

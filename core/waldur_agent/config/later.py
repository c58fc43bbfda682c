"""Keys that waldur-site-agent got after the release whose file format this agent reads.

A file may carry them: one warning names them all. But where a value asks for something to be written or removed in
another way than this agent does, leaving it aside would do harm, so it is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .document import Document, spelled
from .tree import Where

Harmless = Callable[[object], bool]
"""Whether a value can be left aside without changing what is written or removed."""


def _always(_: object) -> bool:
    return True


def _switched_off(value: object) -> bool:
    if isinstance(value, Mapping):
        return not value or value.get("enabled") is False
    return value is None or value is False or value in ("", [])


def _not_false(value: object) -> bool:
    return value is None or value is True


def _only(*values: object) -> Harmless:
    return lambda value: value is None or value in values


FILE: Mapping[str, Harmless] = {
    "elastic_apm_server_url": _always,
    "global_proxy": _always,
    "log_level": _always,
    "log_shipping": _always,
    # False keeps the backend's words out of what customers read in Waldur.
    "expose_backend_error_details": _not_false,
}
OFFERING: Mapping[str, Harmless] = {
    "oidc_token_url": _always,
    "oidc_client_id": _always,
    "oidc_client_secret": _always,
    "resource_import_enabled": _switched_off,
    # False would leave members alone, while this agent's event mode keeps them in step.
    "stomp_membership_sync_enabled": _not_false,
    # The membership pass, which the event mode runs as well, does the same.
    "username_reconciliation_enabled": _always,
}
BACKEND_SETTINGS: Mapping[str, Harmless] = {
    "backend_id_max_retries": _always,
    "check_all_offerings": _always,
    "check_backend_id_uniqueness": _always,
    "default_account_policy": _only("common", "none"),
    "default_partition": _switched_off,
    "enforce_offering_partitions": _switched_off,
    "enforce_offering_qos": _switched_off,
    # "rest" means a cluster that the commands on this machine may not belong to.
    "execution_mode": _only("cli"),
    "homedir_base_path": _switched_off,
    "homedir_quota": _switched_off,
    "ldap": _switched_off,
    "parent_account": _switched_off,
    "periodic_limits": _switched_off,
    "project_directory": _switched_off,
    "qos_enforcement_enabled": _switched_off,
    "qos_management": _switched_off,
    "rest_api": _always,
    "root_account": _switched_off,
    "soft_delete": _switched_off,
}
COMPONENT: Mapping[str, Harmless] = {
    "article_code": _always,
    "default_limit": _always,
    "description": _always,
    "is_boolean": _switched_off,
    "is_prepaid": _switched_off,
    "limit_period": _always,
    "max_available_limit": _always,
    "max_prepaid_duration": _always,
    "max_renewal_duration": _always,
    "max_value": _always,
    "min_prepaid_duration": _always,
    "min_renewal_duration": _always,
    "min_value": _always,
    "prepaid_duration_step": _always,
    "renewal_duration_step": _always,
    "target_components": _switched_off,
    "unit_factor_reporting": _switched_off,
}


class LaterKeys:
    """Collects the later keys of one file."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: list[str] = []

    def without(
        self, section: Mapping[str, object], where: Where, known: Mapping[str, Harmless]
    ) -> dict[str, object]:
        """The section without its later keys."""
        for key in section.keys() & known.keys():
            self.note((*where, key), section[key], known[key])
        return {key: value for key, value in section.items() if key not in known}

    def note(self, where: Where, value: object, harmless: Harmless) -> None:
        """Remember one later key, or complain about its value."""
        if harmless(value):
            self._seen.append(f"{spelled(where)} (line {self._document.line(where)})")
        else:
            self._document.complain(
                where,
                "asks for something that this agent does not do",
                expected="no such key",
            )

    def warnings(self) -> list[str]:
        """One text that names all of them, or nothing."""
        if not self._seen:
            return []
        keys = ", ".join(sorted(self._seen))
        return [f"{self._document.file}: keys of later waldur-site-agent releases have no effect here: {keys}"]

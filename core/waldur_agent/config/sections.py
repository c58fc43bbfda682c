"""The file's sections as pydantic models: its keys, their types, their defaults, and what to expect of each.

A field's description is what an error says was expected, and what an editor shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema

from . import addresses, zone
from .problems import Refused


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_blank(text: str) -> str:
    if not text.strip():
        raise Refused("is blank", expected="text")
    return text


Text = Annotated[str, AfterValidator(_not_blank)]
Number = Annotated[Decimal, BeforeValidator(_decimal), WithJsonSchema({"type": "number"})]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """What all sections share: no key that is not known, no value that is silently converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class ComponentSection(Section):
    """One entry of ``backend_components``."""

    measured_unit: str = Field(description="Waldur's unit, such as k-Hours")
    accounting_type: Literal["usage", "limit"] = Field(description="usage or limit")
    label: str = Field(description="the component's name in Waldur")
    unit_factor: Annotated[Number, Field(gt=0, description="backend units per Waldur unit")] = Decimal(1)
    limit: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="a cap on every account, in Waldur units; for usage components"
    )


class RemovalFuse(Section):
    """How many removals of one offering may happen in one cycle before all of them wait for a person.

    Either bound trips it: more than ``members``, or more than ``percent`` of the members present.
    """

    members: int = Field(default=40, ge=0, description="a number of removals")
    percent: int = Field(default=30, ge=0, le=100, description="a percentage of the members present")


class OfferingSection(Section):
    """One entry of ``offerings``."""

    name: Text = Field(description="what to call the offering in messages")
    waldur_api_url: Annotated[str, AfterValidator(addresses.api_url)] = Field(description=addresses.API_URL)
    waldur_api_token: SecretStr = Field(default=SecretStr(""), description="a token, ${NAME} of a variable, or empty")
    waldur_api_token_file: Text = Field(default="", description="the path of a file with nothing but the token")
    waldur_offering_uuid: Annotated[str, AfterValidator(addresses.offering_uuid)] = Field(description=addresses.UUID)
    verify_ssl: bool = Field(default=True, description="whether the certificate of the API is checked")

    backend_type: str = Field(default="", description="the plugin of all processes that have no key of their own")
    order_processing_backend: str = Field(default="", description="the plugin for orders; empty: not processed")
    membership_sync_backend: str = Field(default="", description="the plugin for members; empty: not synchronised")
    reporting_backend: str = Field(default="", description="the plugin for usage; empty: not reported")
    username_management_backend: Text = Field(default="base", description="the plugin that makes local user names")
    plugins: list[Text] = Field(default=[], description="further plugins that listen")
    backend_settings: dict[str, Any] = Field(default={}, description="the plugins' own keys")
    backend_components: dict[str, ComponentSection] = Field(default={}, description="what is limited and billed")

    stomp_enabled: bool = Field(default=False, description="whether events come over STOMP")
    mqtt_enabled: bool = Field(default=False, description="whether events come over MQTT")
    websocket_use_tls: bool = Field(default=True, description="whether the connection for events is encrypted")
    stomp_ws_host: Annotated[str, AfterValidator(addresses.host)] | None = Field(
        default=None, description="the broker's host for STOMP, where it is not that of the API"
    )
    stomp_ws_port: Port | None = Field(default=None, description="its port, where it is not 443, or 80 without TLS")
    stomp_ws_path: Annotated[str, AfterValidator(addresses.path)] | None = Field(
        default=None, description="the path of its WebSocket, where it is not the usual one"
    )
    mqtt_ws_host: Annotated[str, AfterValidator(addresses.host)] | None = Field(
        default=None, description="the broker's host for MQTT, where it is not that of the API"
    )
    mqtt_ws_port: Port | None = Field(default=None, description="its port, where it is not 443, or 80 without TLS")
    mqtt_ws_path: Annotated[str, AfterValidator(addresses.path)] | None = Field(
        default=None, description="the path of its WebSocket, where it is not the usual one"
    )

    removal_fuse: RemovalFuse = Field(default=RemovalFuse(), description="when removals wait for a person")
    protected_users: list[Text] = Field(default=[], description="local names that are never removed")
    recreate_missing_accounts: bool = Field(
        default=False, description="whether an account that vanished from the backend is made again"
    )
    allow_usage_decrease: bool | list[Text] = Field(
        default=False, description="true, or a list of backend ids whose reported usage may become less"
    )


class FileSection(Section):
    """The whole file; each offering is read as an :class:`OfferingSection` afterwards."""

    sentry_dsn: Annotated[str, AfterValidator(addresses.sentry_dsn)] = Field(default="", description=addresses.DSN)
    timezone: Annotated[str, AfterValidator(zone.zone_name)] = Field(
        default="", description=f"{zone.EXPECTED}; without it the system's zone"
    )
    state_directory: str = Field(
        default="",
        description="where event subscriptions are remembered; by default systemd's, or /var/lib/waldur-agent",
    )
    reporting_periods: int = Field(default=2, ge=1, le=12, description="months to report, the current one included")
    reporting_grace_days: int = Field(
        default=31, ge=0, le=31, description="days of a month on which earlier months are reported; 31: on all"
    )
    offerings: list[Any] = Field(min_length=1, description="a list of offerings")


STAND_INS: Mapping[type[Section], Mapping[str, object]] = {
    FileSection: {"offerings": [{}]},
    OfferingSection: {
        "name": "?",
        "waldur_api_url": "https://stand.in/api/",
        "waldur_offering_uuid": "",
    },
}
"""Values that let the rest of a section be looked at where a required key is missing or wrong."""

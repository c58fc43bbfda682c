"""Where an offering's broker is: beside its Waldur, unless the configuration says otherwise."""

from __future__ import annotations

from urllib.parse import urlsplit

from waldur_agent.config import Offering
from waldur_agent.transports import Address

STOMP_PATH = "/rmqws-stomp"
MQTT_PATH = "/rmqws"


def broker_address(offering: Offering) -> Address:
    """The host of ``api_url`` with port 443, each part replaced by the offering's own key.

    Without TLS the port is that of ``api_url``, or 80: nobody speaks plain text on 443.
    """
    url = urlsplit(offering.api_url)
    tls = offering.websocket_use_tls
    port = 443 if tls else url.port or 80
    if offering.event_transport == "mqtt":
        own = offering.mqtt_ws_host, offering.mqtt_ws_port, offering.mqtt_ws_path
        path = MQTT_PATH
    else:
        own = offering.stomp_ws_host, offering.stomp_ws_port, offering.stomp_ws_path
        path = STOMP_PATH
    host, own_port, own_path = own
    return Address(host or url.hostname or "", own_port or port, own_path or path, tls)

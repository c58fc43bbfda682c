"""Connections to brokers: the only package that knows STOMP and MQTT.

A :class:`Link` is one connection from its opening to its end. It never comes back by itself: whoever holds it decides
when to try again, so that there is one back-off and one attempt at a time.
"""

from __future__ import annotations

from .links import Address, Endpoint, Link, LinkError, Listener, Refused, Unreachable, open_link, unreachable

__all__ = [
    "Address",
    "Endpoint",
    "Link",
    "LinkError",
    "Listener",
    "Refused",
    "Unreachable",
    "open_link",
    "unreachable",
]

"""The API's paths."""

from __future__ import annotations

from flask import Blueprint

from .consumer import consumer
from .general import general
from .offering_users import offering_users
from .offerings import offerings
from .orders import orders
from .providers import providers
from .resources import resources
from .usages import usages

__all__ = ["BLUEPRINTS"]

BLUEPRINTS: tuple[Blueprint, ...] = (
    general,
    orders,
    resources,
    consumer,
    offerings,
    offering_users,
    usages,
    providers,
)

"""The API's paths."""

from __future__ import annotations

from flask import Blueprint

from .agent_identities import agent_identities, agent_services
from .consumer import consumer
from .event_subscriptions import event_subscriptions
from .general import general
from .offering_users import offering_users
from .offerings import offerings
from .orders import orders
from .providers import providers
from .resources import resources
from .slurm_remote import slurm_remote
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
    slurm_remote,
    providers,
    event_subscriptions,
    agent_identities,
    agent_services,
)

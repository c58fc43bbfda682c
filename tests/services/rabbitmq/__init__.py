"""A private, real RabbitMQ on this one machine: own node, ports, data, cookie, plugins and epmd."""

from __future__ import annotations

from .management import Management
from .node import Node, missing_packages
from .ports import Ports

__all__ = ["Management", "Node", "Ports", "missing_packages"]

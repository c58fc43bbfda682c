"""The agent that keeps an HPC cluster in step with the Waldur marketplace."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"

"""Components: what is limited and billed, and how backend units relate to Waldur's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Component:
    """One entry of ``backend_components``.

    Attributes:
        type: The key, in Waldur and on the backend (``cpu``, ``gres/gpu``, ``deposit``).
        accounting_type: ``usage`` or ``limit``.
        unit_factor: Backend units per Waldur unit, above 0.
        measured_unit: The text of Waldur's unit.
        label: The component's name in Waldur.
        limit: For a ``usage`` component a fixed cap on every account, in Waldur units; None where there is none.
    """

    type: str
    accounting_type: str
    unit_factor: Decimal
    measured_unit: str
    label: str
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ComponentRule:
    """How a backend serves one component.

    Attributes:
        factor: Backend units per Waldur unit; the configured one unless the backend knows better.
        step: The smallest difference of a limit that the backend can hold, in backend units. Core rounds a
            limit to it once, so that nothing bounces between the two sides.
    """

    factor: Decimal
    step: Decimal = Decimal(1)

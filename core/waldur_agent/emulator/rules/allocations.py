"""The allocation that servers of 2024 keep behind each resource.

It has a state of its own, of which resources tell nothing but a name among their metadata. An Update order can only
be started while it is OK, and finishing an order does not make it so: whoever serves the offering has to say it.
"""

from __future__ import annotations

from typing import Final

from waldur_agent.emulator.errors import ApiError, detail
from waldur_agent.emulator.records import Order, Resource

OK: Final = 3
SCHEDULED: Final = {"Create": 5, "Restore": 5, "Update": 1, "Terminate": 7}
NAMES: Final = {
    1: "Update Scheduled",
    2: "Updating",
    OK: "OK",
    4: "Erred",
    5: "Creation Scheduled",
    6: "Creating",
    7: "Deletion Scheduled",
    8: "Deleting",
}
STEPS: Final = {"creating": (5, 6), "updating": (1, 2), "deleting": (7, 8)}
"""From which state to which a request leads; ``ok`` and ``erred`` are possible from everywhere."""

FINAL: Final = {"ok": OK, "erred": 4}


def start(order: Order) -> str:
    """Have the allocation begin what an approved order asks for; the text is why it does not."""
    resource = order.resource
    if order.type == "Update" and resource.allocation != OK:
        return f"Can't switch from state '{resource.allocation}' using method 'schedule_updating'"
    _set(resource, SCHEDULED[order.type])
    return ""


def set_state(resource: Resource, wanted: str) -> None:
    """Say how the allocation is.

    Raises:
        ApiError: 400 for a state that there is not, 409 where it cannot follow.
    """
    if wanted in FINAL:
        _set(resource, FINAL[wanted])
    elif wanted not in STEPS:
        raise ApiError(400, ["Invalid state: a corresponding method for transition is absent"])
    elif resource.allocation != STEPS[wanted][0]:
        raise detail(409, f"Allocation state can not be changed from {resource.allocation} to {wanted}.")
    else:
        _set(resource, STEPS[wanted][1])


def _set(resource: Resource, state: int) -> None:
    """Every change is written into the resource's metadata, beside what others have there."""
    resource.allocation = state
    told = {"state": NAMES[state], "action": None, "runtime_state": None, "action_details": None}
    resource.backend_metadata = {**resource.backend_metadata, **told}

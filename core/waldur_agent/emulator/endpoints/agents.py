"""The integration status: a list that an agent asks for tells Waldur that the agent is alive."""

from __future__ import annotations

from typing import Final

from waldur_agent.emulator.call import current_call
from waldur_agent.emulator.identifiers import as_hex

AGENT: Final = "waldur-site-agent"


def saw_agent(kind: str) -> None:
    """Note the request if its User-Agent is an agent's and it asks for an offering that the caller provides."""
    call = current_call()
    if AGENT not in call.user_agent:
        return
    for value in filter(None, call.query.getlist("offering_uuid")):
        offering = call.state.offerings.get(as_hex(value))
        if offering is not None and call.access.provides(offering):
            call.state.agent_seen[offering.uuid, kind] = call.state.now()

"""The server itself and the user who asks."""

from __future__ import annotations

from typing import Any

import flask

from waldur_agent.emulator.call import answer, answer_one, current_call
from waldur_agent.emulator.pages import cut_page
from waldur_agent.emulator.shapes.offerings import integration_status
from waldur_agent.emulator.shapes.people import ME

general = flask.Blueprint("general", __name__)


@general.get("/api/version/")
def show_version() -> flask.Response:
    """The emulated version."""
    return answer({"version": current_call().state.profile.version})


@general.get("/api/users/me/")
def show_me() -> flask.Response:
    """The token's user with the roles that hold now."""
    return answer_one(ME, current_call().user)


@general.get("/api/marketplace-integration-statuses/")
def list_integration_statuses() -> flask.Response:
    """Which agents were seen, for all offerings that the caller provides."""
    call = current_call()
    found: list[dict[str, Any]] = []
    for offering in call.state.offerings.values():
        url = call.view.url("marketplace-provider-offerings", offering.uuid)
        if call.access.provides(offering):
            found += [{**item, "offering": url, "url": url} for item in integration_status(offering, call.view)]
    page = cut_page(found, call.query, flask.request.base_url)
    return answer(page.records, headers=page.headers)

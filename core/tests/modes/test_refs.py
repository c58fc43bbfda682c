"""Names of the accounts above a vanished one, on servers that tell them in orders only."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from services.scripted_http import Asked, Reply, scripted
from waldur_agent.config import Offering
from waldur_agent.modes.refs import account_ref, refs_with_slugs
from waldur_agent.modes.served import Served
from waldur_agent.site import Site
from waldur_agent.waldur import Connection, Resource, Scope, Waldur
from waldur_agent_hookspecs import AccountRef, AccountState

OCEAN, FOREST, OFFERING = "a" * 32, "b" * 32, "c" * 32
THERE, GONE = AccountState(exists=True), AccountState(exists=False)
ORDER = {"uuid": "d" * 32, "project_slug": "ocean", "customer_slug": "uni", "project_name": "another"}


def resource(number: int, project: str = OCEAN, slug: str = "") -> Resource:
    scopes = Scope(project, slug, "Ocean"), Scope("e" * 32, slug, "University")
    return Resource(f"{number:032x}", "r", "r", "OK", f"a_{number}", {}, *scopes)


def completed(
    resources: list[Resource], states: list[AccountState], reply: Reply
) -> tuple[list[AccountRef], list[str]]:
    asked: list[str] = []

    def answer(request: Asked) -> Reply:
        asked.append(parse_qs(urlsplit(request.path).query)["project_uuid"][0])
        return reply

    with scripted(answer) as script:
        connection = Connection(script.url, "t", user_agent="waldur-site-agent-test/1")
        offering = Offering(name="C", api_url=script.url, token=SecretStr("t"), uuid=OFFERING, backends={})
        work = Served(offering, Waldur(connection, OFFERING), Site("C", []), threading.Event())
        by_resource = {it.uuid: state for it, state in zip(resources, states, strict=True)}
        try:
            return refs_with_slugs(work, [account_ref(it) for it in resources], by_resource), asked
        finally:
            connection.close()


def test_one_order_a_project_tells_the_slugs_of_vanished_accounts() -> None:
    found, asked = completed([resource(1), resource(2), resource(3)], [GONE, GONE, THERE], Reply(body=[ORDER]))
    assert asked == [OCEAN]
    assert [(ref.project.slug, ref.customer.slug) for ref in found] == [("ocean", "uni")] * 3
    assert [ref.backend_id for ref in found] == ["a_1", "a_2", "a_3"]
    assert found[0].project.name == "Ocean", "what the resource tells itself stays"


def test_nothing_is_asked_where_nothing_vanished_or_nothing_is_missing() -> None:
    resources = [resource(1), resource(2, FOREST, "forest")]
    found, asked = completed(resources, [THERE, GONE], Reply(body=[ORDER]))
    assert asked == []
    assert [ref.project.slug for ref in found] == ["", "forest"]


@pytest.mark.parametrize("reply", [Reply(body=[]), Reply(403, {"detail": "no"})])
def test_without_an_order_that_can_be_read_the_slugs_stay_unknown(reply: Reply) -> None:
    found, _ = completed([resource(1)], [GONE], reply)
    assert found == [account_ref(resource(1))]

from __future__ import annotations

import threading

import pytest
from pydantic import SecretStr
from services.scripted_http import Asked, Reply, scripted
from waldur_agent.config import Offering
from waldur_agent.modes.served import Served
from waldur_agent.modes.teams import read_teams
from waldur_agent.site import Site
from waldur_agent.waldur import Connection, NotFound, Resource, Scope, Unavailable, Waldur

PROJECTS = {f"{number:032x}": "a" * 32 if number < 3 else "b" * 32 for number in range(1, 5)}
RESOURCES = [
    Resource(uuid, "", "", "OK", "x", {}, Scope(project, "", ""), Scope("", "", ""))
    for uuid, project in PROJECTS.items()
]


def teams(answer: dict[str, Reply]) -> tuple[dict[str, object], list[str]]:
    def reply(asked: Asked) -> Reply:
        return next(value for part, value in answer.items() if part in asked.path)

    with scripted(reply) as script:
        connection = Connection(script.url, "t", user_agent="waldur-site-agent-test/1")
        offering = Offering(name="C", api_url=script.url, token=SecretStr("t"), uuid="c" * 32, backends={})
        work = Served(offering, Waldur(connection, "c" * 32), Site("C", []), threading.Event())
        try:
            found = read_teams(work, RESOURCES)
        finally:
            connection.close()
        return dict(found.by_resource), [path for _, path in script.listed() if "/team/" in path]


TEAM = Reply(body=[{"uuid": "d" * 32}])
NO_SUCH_PAGE = Reply(404, "<html>", content_type="text/html")


def test_a_resource_that_is_gone_says_nothing_about_the_others() -> None:
    gone = next(iter(PROJECTS))
    missing = Reply(404, {"detail": "Not found."})
    found, asked = teams({"list_users": missing, f"{gone}/team/": missing, "/team/": TEAM})
    assert isinstance(found.pop(gone), NotFound)
    assert set(found.values()) == {frozenset({"d" * 32})}
    assert len(asked) == 4


@pytest.mark.parametrize("missing", [NO_SUCH_PAGE, Reply(404, {"detail": "Not found."}), Reply(405, {})])
def test_a_team_is_asked_once_a_project_where_it_cannot_differ(missing: Reply) -> None:
    found, asked = teams({"list_users": missing, "/team/": TEAM})
    assert set(found) == set(PROJECTS)
    assert set(found.values()) == {frozenset({"d" * 32})}
    assert len(asked) == 2


@pytest.mark.parametrize("present", [Reply(body=[]), Reply(403, {"detail": "no"})])
def test_a_team_is_asked_for_each_resource_where_it_may_differ(present: Reply) -> None:
    found, asked = teams({"list_users": present, "/team/": TEAM})
    assert len(found) == len(asked) == 4


def test_an_unreadable_team_is_the_reason_and_not_nobody() -> None:
    found, _ = teams({"list_users": NO_SUCH_PAGE, "/team/": Reply(body={"detail": "?"})})
    assert all(isinstance(team, Unavailable) for team in found.values())

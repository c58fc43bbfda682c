"""Errors reach Sentry: once for a fault, however often it comes, and without the token."""

from __future__ import annotations

import gzip
import json
import signal
import time
from collections.abc import Callable

import yaml
from services.agent_runs import AGENT, AgentRuns, finished
from services.scripted_http import Asked, Reply, Script, scripted
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.server import EmulatorServer

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


def with_dsn(agent: AgentRuns, script: Script) -> None:
    agent.program = AGENT  # what it still has to send is sent when Python ends
    path = agent.write_config()
    document = yaml.safe_load(path.read_text())
    document["sentry_dsn"] = script.url.replace("http://", "http://public@").replace("/api/", "/1")
    path.write_text(yaml.safe_dump(document))


def envelopes(script: Script) -> list[str]:
    return [text(asked) for asked in script.asked if "envelope" in asked.path]


def text(asked: Asked) -> str:
    raw = asked.raw
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()


def test_a_fault_that_lasts_is_one_event_and_has_no_token(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server([Fault.model_validate({"kind": "status", "status": 403})], creates=1)
    agent = agent_of(server)
    with scripted(lambda _: Reply(body={})) as sentry:
        with_dsn(agent, sentry)
        period = {"WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES": "0.002", "SENTRY_ENVIRONMENT": "holidays"}
        process = agent.start("-m", "membership_sync", environ=period)
        end = time.monotonic() + 30
        while len(server.requests.all()) < 5:
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        ended = finished(process, 10)
        found = envelopes(sentry)
    assert ended.err.count(" ERROR ") >= 4
    assert len(found) == 1
    assert "403" in found[0]
    assert '"environment":"holidays"' in found[0]
    assert server.token not in found[0]


def test_without_a_dsn_nothing_is_sent_and_nothing_loaded(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server([Fault.model_validate({"kind": "status", "status": 403})], creates=1)
    with scripted(lambda _: Reply(body={})) as sentry:
        ended = agent_of(server).run("-m", "membership_sync", "--once", environ={"PYTHONPROFILEIMPORTTIME": "1"})
        assert sentry.asked == []
    assert ended.status == 1
    assert "sentry_sdk" not in ended.err


def test_two_faults_are_two_issues_and_the_last_words_are_sent(make_server: MakeServer, agent_of: AgentOf) -> None:
    agent = agent_of(make_server())
    with scripted(lambda _: Reply(body={})) as sentry:
        with_dsn(agent, sentry)
        document = yaml.safe_load((agent.folder / "config.yaml").read_text())
        (offering,) = document["offerings"]
        dark = [{**offering, "name": name, "waldur_api_url": "http://127.0.0.1:9/api/"} for name in ("one", "two")]
        dark[1]["waldur_offering_uuid"] = "0b" * 16
        (agent.folder / "config.yaml").write_text(yaml.safe_dump({**document, "offerings": dark}))
        ended = agent.run("load-components")  # it ends at once after its errors
        events = [json.loads(envelope.splitlines()[2]) for envelope in envelopes(sentry)]
    assert ended.status == 1
    assert len(events) == 2
    assert len({tuple(event["fingerprint"]) for event in events}) == 2

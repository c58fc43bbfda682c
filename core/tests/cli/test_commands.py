"""Every command as it is typed: exit status, what is printed where, and how little is loaded."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

AGENT = str(Path(sys.executable).with_name("waldur-agent"))


def run(
    *arguments: str, cwd: Path | None = None, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AGENT, *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "100", **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def offering(tmp_path: Path) -> dict[str, object]:
    return {
        "name": "Cluster",
        "waldur_api_url": "http://127.0.0.1:9/api/",
        "waldur_api_token": "0123456789abcdef",
        "waldur_offering_uuid": "0a" * 16,
        "backend_type": "sandbox",
        "backend_settings": {"database": str(tmp_path / "none.sqlite")},
        "backend_components": {
            "cpu": {"measured_unit": "h", "unit_factor": 60, "accounting_type": "usage", "label": "CPU"}
        },
    }


def configured(tmp_path: Path, *offerings: dict[str, object]) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"timezone": "UTC", "offerings": list(offerings)}))
    return str(path)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["plan", "--help"], ["emulator", "--help"]])
def test_help_succeeds_on_standard_output(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "waldur-agent" in done.stdout


def test_help_teaches_exit_statuses_subcommands_and_environment() -> None:
    text = run("--help").stdout
    for word in (
        *(
            "exit status:",
            "plan, and load-components --dry-run: changes are pending",
            "order_process",
            "--once",
            "examples:",
        ),
        *("plan ", "apply ", "check ", "load-components ", "diagnostics ", "create-homedirs ", "plugins "),
        *("schema ", "emulator ", "REQUESTS_VERIFY_SSL", "SENTRY_ENVIRONMENT"),
    ):
        assert word in text


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from waldur_agent.cli.arguments import parse\n"
        "try:\n    parse(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted(set(sys.modules) & {'requests', 'pydantic', 'yaml', 'rich', 'pluggy', 'tenacity', 'flask'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["--mode", "everything"], ["nonsense"], ["--config-file"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr


@pytest.mark.parametrize("command", [["-m", "order_process", "--once"], ["plan"], ["check"]])
def test_a_missing_configuration_is_status_2_and_one_line(command: list[str], tmp_path: Path) -> None:
    done = run(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "waldur-site-agent-config.yaml:1:1: there is no such file (expected the path of a configuration file)"
    ]


def test_a_mistake_names_file_line_and_column_and_nothing_runs(tmp_path: Path, offering: dict[str, object]) -> None:
    offering["backend_typo"] = "x"
    done = run("-m", "order_process", "--once", "-c", configured(tmp_path, offering))
    assert done.returncode == 2
    assert "config.yaml:" in done.stderr
    assert "backend_type" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["waldur_api_token", "waldur_offering_uuid"])
def test_what_is_left_empty_is_said_when_something_is_to_run(
    tmp_path: Path, offering: dict[str, object], key: str
) -> None:
    offering[key] = ""
    for command in (["-m", "order_process", "--once"], ["plan"]):
        done = run(*command, "-c", configured(tmp_path, offering))
        assert done.returncode == 2
        assert f"{key} is empty" in done.stderr
    checked = run("check", "--json", "-c", configured(tmp_path, offering))
    assert checked.returncode == 1
    assert any(f"{key} is empty" in finding["detail"] for finding in json.loads(checked.stdout))


@pytest.mark.parametrize("period", ["soon", "0", "-5", "nan", "inf", ""])
def test_a_bad_period_is_told_before_anything_runs(tmp_path: Path, offering: dict[str, object], period: str) -> None:
    name = "WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES"
    done = run("-m", "order_process", "--once", "-c", configured(tmp_path, offering), environ={name: period})
    assert done.returncode == 2
    assert name in done.stderr


def test_a_backend_that_lacks_hooks_is_named_with_them(tmp_path: Path, offering: dict[str, object]) -> None:
    offering |= {"backend_type": "homedirs", "backend_settings": {}}
    done = run("-m", "order_process", "--once", "-c", configured(tmp_path, offering))
    assert done.returncode == 1
    assert "'homedirs' (waldur-agent-homedirs" in done.stderr
    assert "does not implement create_account, set_limits, delete_account, which order_process needs" in done.stderr


@pytest.mark.parametrize("switch", [{"stomp_enabled": True}, {"mqtt_enabled": True}])
def test_offerings_of_event_process_are_left_alone(
    tmp_path: Path, offering: dict[str, object], switch: dict[str, object]
) -> None:
    done = run("-m", "order_process", "--once", "-c", configured(tmp_path, {**offering, **switch}))
    assert done.returncode == 0
    assert "leaves it to event_process" in done.stderr


def test_an_omitted_role_key_switches_the_process_off(tmp_path: Path, offering: dict[str, object]) -> None:
    offering["reporting_backend"] = offering["backend_type"]
    done = run("-m", "order_process", "--once", "-c", configured(tmp_path, offering))
    assert done.returncode == 0
    assert "its backend key is not set" in done.stderr


def test_check_says_what_is_bad_and_what_to_do(tmp_path: Path, offering: dict[str, object]) -> None:
    done = run("check", "--json", "-c", configured(tmp_path, offering))
    assert done.returncode == 1
    waldur, backend = json.loads(done.stdout)
    assert "refused" in waldur["detail"]
    assert (waldur["good"], backend["good"]) == (False, False)
    assert "python -m waldur_agent_sandbox init" in backend["detail"] + backend["remedy"]


def test_check_finds_what_would_keep_a_service_from_its_work(tmp_path: Path, offering: dict[str, object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    offering |= {"order_processing_backend": "homedirs", "reporting_backend": "sandbox"}
    offering |= {"stomp_enabled": True, "stomp_ws_port": port, "websocket_use_tls": False}
    done = run("check", "--json", "-c", configured(tmp_path, offering))
    assert done.returncode == 1
    found = {it["what"]: it for it in json.loads(done.stdout)}
    assert not found["order_process"]["good"]
    assert "does not implement create_account" in found["order_process"]["detail"]
    assert "order_processing_backend" in found["order_process"]["remedy"]
    assert not found["event broker"]["good"]
    assert f"ws://127.0.0.1:{port}/rmqws-stomp: ConnectionRefused" in found["event broker"]["detail"]


@pytest.mark.parametrize(
    ("host", "proxy", "text"),
    [("broker..example.org", "", "Unicode"), ("broker.invalid", "http://proxy:1", "not asked")],
)
def test_check_asks_no_broker_that_it_cannot(
    tmp_path: Path, offering: dict[str, object], host: str, proxy: str, text: str
) -> None:
    offering |= {"stomp_enabled": True, "stomp_ws_host": host}
    environ = {"https_proxy": proxy, "no_proxy": "127.0.0.1"}
    done = run("check", "--json", "-c", configured(tmp_path, offering), environ=environ)
    assert "Traceback" not in done.stderr
    (broker,) = [it for it in json.loads(done.stdout) if it["what"] == "event broker"]
    assert (broker["good"], text in broker["detail"]) == (bool(proxy), True)


def test_plugins_lists_names_distributions_versions_and_hooks() -> None:
    done = run("plugins", "--json")
    assert done.returncode == 0
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert {"slurm", "moab", "sandbox", "base", "homedirs"} <= set(rows)
    assert rows["slurm"]["distribution"] == "waldur-agent-slurm"
    assert rows["slurm"]["version"]
    assert "apply_changes" in rows["slurm"]["hooks"]
    assert run("plugins").stdout.startswith("PLUGIN")


def test_the_schema_takes_what_the_agent_takes(tmp_path: Path, offering: dict[str, object]) -> None:
    schema = json.loads(run("schema").stdout)
    config = yaml.safe_load(Path(configured(tmp_path, offering)).read_text())
    jsonschema.validate(config, schema)
    config["offerings"][0]["backend_typo"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config, schema)


def test_a_reader_that_goes_away_is_no_fault() -> None:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{AGENT} schema | head -c 1"], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

BAD = {
    "unknown key near to one": (
        {2: "  - nmae: Ocean"},
        [
            "2:5: offerings[0] lacks name (expected what to call the offering in messages)",
            "2:5: offerings[0].nmae is not a known key (did you mean name?)",
        ],
    ),
    "no mapping": (
        {18: "  - 5\n  -"},
        [
            "18:5: offerings[1] is no mapping (expected the keys of an offering)",
            "19:4: offerings[2] is no mapping (expected the keys of an offering)",
        ],
    ),
    "number for text": (
        {2: "  - name: 5"},
        ["2:11: offerings[0].name is a number (expected text; put it in quotes)"],
    ),
    "null for text": ({2: "  - name:"}, ["2:5: offerings[0].name is empty (expected text)"]),
    "blank name": ({2: '  - name: "  "'}, ["2:11: offerings[0].name is blank (expected text)"]),
    "truth for text": (
        {2: "  - name: no"},
        ["2:11: offerings[0].name is true or false to YAML (expected text; put it in quotes)"],
    ),
    "date for text": (
        {2: "  - name: 2026-01-01"},
        ["2:11: offerings[0].name is a date to YAML (expected text; put it in quotes)"],
    ),
    "list for text": ({2: "  - name: [Ocean]"}, ["2:11: offerings[0].name is a list (expected text)"]),
    "no URL": (
        {3: ""},
        [
            (
                "2:5: offerings[0] lacks waldur_api_url (expected the URL of the Waldur API, such as "
                "https://waldur.example.org/api/)"
            )
        ],
    ),
    "URL without scheme": (
        {3: "    waldur_api_url: localhost:8081/api/"},
        [
            (
                "3:21: offerings[0].waldur_api_url is not a URL that can be used (expected the URL of the "
                "Waldur API, such as https://waldur.example.org/api/)"
            )
        ],
    ),
    "URL of another scheme": (
        {3: "    waldur_api_url: ftp://waldur.example.org/api/"},
        [
            (
                "3:21: offerings[0].waldur_api_url is not a URL that can be used (expected the URL of the "
                "Waldur API, such as https://waldur.example.org/api/)"
            )
        ],
    ),
    "URL without host": (
        {3: "    waldur_api_url: https:///api/"},
        [
            (
                "3:21: offerings[0].waldur_api_url is not a URL that can be used (expected the URL of the "
                "Waldur API, such as https://waldur.example.org/api/)"
            )
        ],
    ),
    "URL with a bad port": (
        {3: "    waldur_api_url: https://waldur.example.org:99999/api/"},
        [
            (
                "3:21: offerings[0].waldur_api_url is not a URL that can be used (expected the URL of the "
                "Waldur API, such as https://waldur.example.org/api/)"
            )
        ],
    ),
    "URL that is not of the API": (
        {3: "    waldur_api_url: https://waldur.example.org/"},
        [
            (
                "3:21: offerings[0].waldur_api_url does not end with /api/ (expected the URL of the Waldur "
                "API, such as https://waldur.example.org/api/)"
            )
        ],
    ),
    "URL with a password": (
        {3: "    waldur_api_url: https://u:5ecre7@waldur.example.org/api/"},
        [
            (
                "3:21: offerings[0].waldur_api_url has a user name or password in it (expected the URL of the"
                " Waldur API, such as https://waldur.example.org/api/; the token has a key of its own)"
            )
        ],
    ),
    "URL with a query": (
        {3: "    waldur_api_url: https://waldur.example.org/api/?a=b"},
        [
            (
                "3:21: offerings[0].waldur_api_url is not a URL that can be used (expected the URL of the "
                "Waldur API, such as https://waldur.example.org/api/)"
            )
        ],
    ),
    "no UUID": (
        {5: ""},
        [
            (
                "2:5: offerings[0] lacks waldur_offering_uuid (expected the UUID of the offering in Waldur: "
                '32 hexadecimal digits, with or without dashes, or "")'
            )
        ],
    ),
    "short UUID": (
        {5: "    waldur_offering_uuid: 0a1b"},
        [
            (
                "5:27: offerings[0].waldur_offering_uuid is not a UUID (expected the UUID of the offering in "
                'Waldur: 32 hexadecimal digits, with or without dashes, or "")'
            )
        ],
    ),
    "dashes at odd places": (
        {5: "    waldur_offering_uuid: 0a1b2c3d4e5f-60718293a4b5c6d7e8f9----"},
        [
            (
                "5:27: offerings[0].waldur_offering_uuid is not a UUID (expected the UUID of the offering in "
                'Waldur: 32 hexadecimal digits, with or without dashes, or "")'
            )
        ],
    ),
    "UUID that is a number": (
        {5: "    waldur_offering_uuid: 1000000000000001"},
        ["5:27: offerings[0].waldur_offering_uuid is a number (expected text; put it in quotes)"],
    ),
    "null UUID": (
        {5: "    waldur_offering_uuid: null"},
        ["5:27: offerings[0].waldur_offering_uuid is empty (expected text)"],
    ),
    "text for truth": (
        {6: "    backend_type: slurm\n    stomp_enabled: 'yes'"},
        ["7:20: offerings[0].stomp_enabled is text (expected true or false)"],
    ),
    "number for truth": (
        {6: "    backend_type: slurm\n    verify_ssl: 1"},
        ["7:17: offerings[0].verify_ssl is a number (expected true or false)"],
    ),
    "both brokers": (
        {6: "    backend_type: slurm\n    stomp_enabled: true\n    mqtt_enabled: true"},
        ["8:5: offerings[0].mqtt_enabled is true beside stomp_enabled (expected one of them)"],
    ),
    "host with a scheme": (
        {6: "    backend_type: slurm\n    stomp_ws_host: https://x"},
        [
            (
                "7:20: offerings[0].stomp_ws_host is not a host name (expected a host name or address without"
                " scheme, port and path)"
            )
        ],
    ),
    "port out of range": (
        {6: "    backend_type: slurm\n    mqtt_ws_port: 70000"},
        ["7:19: offerings[0].mqtt_ws_port is out of bounds (expected 65535 or less)"],
    ),
    "path without slash": (
        {6: "    backend_type: slurm\n    mqtt_ws_path: x"},
        [("7:19: offerings[0].mqtt_ws_path is not a path (expected the path of a URL, such as /rmqws-stomp)")],
    ),
    "fuse": (
        {6: "    backend_type: slurm\n    removal_fuse: {members: -1, percnt: 3, percent: 101}"},
        [
            "7:29: offerings[0].removal_fuse.members is out of bounds (expected 0 or more)",
            "7:33: offerings[0].removal_fuse.percnt is not a known key (did you mean percent?)",
            "7:53: offerings[0].removal_fuse.percent is out of bounds (expected 100 or less)",
        ],
    ),
    "fuse as number": (
        {6: "    backend_type: slurm\n    removal_fuse: 5"},
        ["7:19: offerings[0].removal_fuse is a number (expected a mapping of keys to values)"],
    ),
    "protected users as text": (
        {6: "    backend_type: slurm\n    protected_users: root"},
        ["7:22: offerings[0].protected_users is text (expected a list)"],
    ),
    "protected user as number": (
        {6: "    backend_type: slurm\n    protected_users: [root, 0]"},
        ["7:29: offerings[0].protected_users[1] is a number (expected text; put it in quotes)"],
    ),
    "settings as list": (
        {6: "    backend_type: slurm\n    backend_settings: []", 7: "    stomp_ws_host:", 8: "", 9: "", 10: ""},
        ["7:23: offerings[0].backend_settings is a list (expected a mapping of keys to values)"],
    ),
    "component as number": (
        {17: "      mem: 5"},
        ["17:12: offerings[0].backend_components.mem is a number (expected a mapping of keys to values)"],
    ),
    "component without unit": (
        {13: ""},
        [("14:9: offerings[0].backend_components.cpu lacks measured_unit (expected Waldur's unit, such as k-Hours)")],
    ),
    "component with an unknown key": (
        {17: "        lmit: 5"},
        ["17:9: offerings[0].backend_components.cpu.lmit is not a known key (did you mean limit?)"],
    ),
    "other accounting type": (
        {15: "        accounting_type: one"},
        [
            (
                "15:26: offerings[0].backend_components.cpu.accounting_type is none of the known values "
                "(expected usage or limit)"
            )
        ],
    ),
    "factor zero": (
        {14: "        unit_factor: 0"},
        [("14:22: offerings[0].backend_components.cpu.unit_factor is out of bounds (expected a number above 0)")],
    ),
    "factor as text": (
        {14: "        unit_factor: '5'"},
        ["14:22: offerings[0].backend_components.cpu.unit_factor is text (expected a number)"],
    ),
    "factor as truth": (
        {14: "        unit_factor: true"},
        [("14:22: offerings[0].backend_components.cpu.unit_factor is true or false to YAML (expected a number)")],
    ),
    "factor in octal": (
        {14: "        unit_factor: 010"},
        [("14:22: offerings[0].backend_components.cpu.unit_factor is an octal number to YAML (expected a number)")],
    ),
    "factor in base 60": (
        {14: "        unit_factor: 1:30"},
        [
            (
                "14:22: offerings[0].backend_components.cpu.unit_factor is a number in base 60 to YAML "
                "(expected a number)"
            )
        ],
    ),
    "factor without end": (
        {14: "        unit_factor: .inf"},
        [("14:22: offerings[0].backend_components.cpu.unit_factor is not a finite number (expected a number)")],
    ),
    "negative cap": (
        {17: "        limit: -1"},
        ["17:16: offerings[0].backend_components.cpu.limit is out of bounds (expected 0 or more)"],
    ),
    "several at once": (
        {
            2: "  - name: 5",
            3: "    waldur_api_url: x",
            5: "    waldur_offering_uuid: x",
            6: "    backend_type: slrum",
            10: "      homedir_umask: 0077",
            14: "        unit_factor: 0",
            18: "timezone: Mars",
        },
        [
            "2:11: offerings[0].name is a number (expected text; put it in quotes)",
            (
                "3:21: offerings[0].waldur_api_url is not a URL that can be used (expected the URL of the "
                "Waldur API, such as https://waldur.example.org/api/)"
            ),
            (
                "5:27: offerings[0].waldur_offering_uuid is not a UUID (expected the UUID of the offering in "
                'Waldur: 32 hexadecimal digits, with or without dashes, or "")'
            ),
            (
                "6:19: offerings[0].backend_type names the plugin 'slrum', which is not installed (expected "
                "one of base, homedirs, moab, sandbox, slurm; did you mean slurm?)"
            ),
            (
                "10:22: offerings[0].backend_settings.homedir_umask is an octal number to YAML (expected "
                "text; put it in quotes)"
            ),
            ("14:22: offerings[0].backend_components.cpu.unit_factor is out of bounds (expected a number above 0)"),
            '18:11: timezone is not a time zone (expected an IANA name such as "UTC" or "Europe/Tallinn")',
        ],
    ),
}


@pytest.mark.parametrize(("changes", "errors"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_told_in_full(
    refusal: Callable[[Mapping[int, str]], list[str]], changes: Mapping[int, str], errors: list[str]
) -> None:
    assert refusal(changes) == [f"c.yaml:{error}" for error in errors]

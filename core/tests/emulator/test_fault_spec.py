from __future__ import annotations

import pytest
from waldur_agent.emulator.fault_spec import parse_fault
from waldur_agent.emulator.faults import Fault, Kind


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("status", Fault(kind=Kind.STATUS)),
        ("status=503,p=0.05", Fault(kind=Kind.STATUS, status=503, probability=0.05)),
        ("status-after=504", Fault(kind=Kind.STATUS_AFTER, status=504)),
        ("latency=0.5,path=/team/", Fault(kind=Kind.LATENCY, seconds=0.5, path="/team/")),
        ("drop-after,method=POST,nth=3", Fault(kind=Kind.DROP_AFTER, method="POST", nth=3)),
        ("status=429,retry-after=2,count=5", Fault(kind=Kind.STATUS, status=429, retry_after=2, count=5)),
        ("short-page,path=a=b", Fault(kind=Kind.SHORT_PAGE, path="a=b")),
    ],
)
def test_short_form_is_read(spec: str, fault: Fault) -> None:
    assert parse_fault(spec) == fault


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("explode", r"'explode' is none of status, .*duplicate-page"),
        ("status=502,often", r"'often' is none of p=…, .*retry-after=…"),
        ("status=502,q=1", r"'q=1' is none of p=…"),
        ("truncate=5", "truncate takes no value"),
        ("status=502,p=2", "probability: Input should be less than or equal to 1"),
        ("status=many", "status: Input should be a valid integer"),
        ("status,path=(", r"path: Value error, '\(' is no regular expression"),
    ],
)
def test_mistakes_are_named(spec: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_fault(spec)

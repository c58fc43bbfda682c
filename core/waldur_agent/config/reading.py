"""From the file to a :class:`~.offering.Config`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from waldur_agent.registry import Registry

from . import later
from .document import Document
from .later import LaterKeys
from .offering import Config, Offering
from .offering_reading import OfferingReader
from .problems import ConfigError, Refused
from .salvage import read_section
from .sections import FileSection
from .source import read_text
from .zone import system_zone


def load(path: Path, *, registry: Registry, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check a configuration file.

    Args:
        path: The file; paths within it start from its folder.
        registry: The plugins that offerings may name.
        environ: Where ``${NAME}`` is looked up.

    Raises:
        ConfigError: with everything that is wrong, not only the first thing.
    """
    document = Document(read_text(path), str(path))
    data = _top(document)
    later_keys = LaterKeys(document)
    section, bad = read_section(FileSection, later_keys.without(data, (), later.FILE), document, ())
    reader = OfferingReader(document, registry, later_keys, environ, path.parent)
    given = data.get("offerings")
    read = [reader.read(item, index) for index, item in enumerate(given if isinstance(given, list) else [])]
    offerings = [offering for offering in read if offering]
    _refuse_twins(offerings, document)
    timezone = section.timezone or ("" if "timezone" in bad else _system_zone(document))
    if document.problems:
        raise ConfigError(*document.problems)
    return Config(
        path=path,
        offerings=tuple(offerings),
        timezone=timezone,
        sentry_dsn=section.sentry_dsn,
        reporting_periods=section.reporting_periods,
        state_directory=str(path.parent / section.state_directory) if section.state_directory else "",
        reporting_grace_days=section.reporting_grace_days,
        warnings=(*reader.warnings, *later_keys.warnings()),
    )


def _top(document: Document) -> dict[str, object]:
    if isinstance(document.data, dict):
        return document.data
    text = "there is nothing in the file" if document.data is None else "the file is no mapping"
    document.complain((), text, expected="keys and values, among them the list offerings")
    raise ConfigError(*document.problems)


def _refuse_twins(offerings: Sequence[Offering], document: Document) -> None:
    # A copy of a server, for trials, has the same UUIDs under another URL.
    first: dict[tuple[str, str], int] = {}
    for index, offering in enumerate(offerings):
        twin = first.setdefault((offering.api_url, offering.uuid), index)
        if offering.uuid and twin != index:
            where = ("offerings", index, "waldur_offering_uuid")
            document.complain(where, f"is that of offerings[{twin}] too", expected="each offering once")


def _system_zone(document: Document) -> str:
    try:
        return system_zone()
    except Refused as refusal:
        document.complain(("timezone",), str(refusal), expected=refusal.expected)
        return ""

"""``backend_settings``: one mapping in the file, of which each plugin of the offering gets its own keys."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from waldur_agent_hookspecs import Component

from waldur_agent.registry import PluginEntry, Registry

from . import later
from .document import Document, spelled
from .fields import keys_of
from .later import LaterKeys
from .tree import Where
from .wording import report, unknown_key


def settings_keys(entry: PluginEntry) -> Mapping[str, Any]:
    """The keys that a plugin reads."""
    return keys_of(entry.plugin.settings_model)


def own_settings(
    entry: PluginEntry,
    given: Mapping[str, object],
    components: Mapping[str, Component] | None,
    document: Document,
    where: Where,
) -> tuple[BaseModel | None, list[str]]:
    """A plugin's settings (None where they are wrong, which is noted), and what the plugin wants to be said of them.

    The plugin's validators find the offering's components as ``info.context["components"]`` (no such key where the
    components are wrong themselves), and what they say by ``warnings.warn`` is logged once at start.
    """
    keys = settings_keys(entry)
    own = {key: value for key, value in given.items() if key in keys}
    context = {} if components is None else {"components": components}
    settings = None
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            settings = entry.plugin.settings_model.model_validate(own, context=context)
        except ValidationError as error:
            report(error, entry.plugin.settings_model, document, where, owner=f"the plugin {entry.name}")
        # Isolation: the validators are the plugin's. Only the kind of error is told, as its text may quote a secret.
        except Exception as error:  # noqa: BLE001
            who = f"plugin {entry.name!r} ({entry.distribution} {entry.version})"
            text = f"cannot be checked: {who} failed with {type(error).__name__}"
            document.complain(where, text, expected="a plugin whose settings_model works", at_key=True)
    return settings, [_placed(str(warning.message), own, document, where) for warning in said]


def _placed(text: str, own: Mapping[str, object], document: Document, where: Where) -> str:
    """A plugin's warning with the place of the key that it speaks of, or of the whole section."""
    spoken_of = next(((*where, key) for key in own if key in text.split()), where)
    return f"{document.file}:{document.line(spoken_of)}: {spelled(where)}: {text}"


def refuse_strangers(
    given: Mapping[str, object],
    plugins: Sequence[PluginEntry],
    document: Document,
    where: Where,
    *,
    registry: Registry,
    later_keys: LaterKeys,
) -> None:
    """Note every key that none of the offering's plugins reads."""
    known = {key: field for entry in plugins for key, field in settings_keys(entry).items()}
    for key, value in given.items():
        if key in known:
            continue
        owners = [entry.name for entry in registry if key in settings_keys(entry)]
        if owners:
            _foreign(key, owners, plugins, document, where)
        elif key in later.BACKEND_SETTINGS:
            later_keys.note((*where, key), value, later.BACKEND_SETTINGS[key])
        else:
            unknown_key(document, (*where, key), known)


def _foreign(
    key: str, owners: Sequence[str], plugins: Sequence[PluginEntry], document: Document, where: Where
) -> None:
    document.complain(
        (*where, key),
        f"belongs to the plugin {' or '.join(owners)}, which this offering does not use",
        expected=f"keys of {', '.join(entry.name for entry in plugins)}",
        at_key=True,
    )

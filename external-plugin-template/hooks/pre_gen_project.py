"""Refuses names that would not work, before anything is written."""

from __future__ import annotations

import keyword
import re
import sys

NAME = {{ cookiecutter.plugin_name | tojson }}
AUTHOR = {{ cookiecutter.author | tojson }}

LONGEST = 24
TAKEN = {"base", "exec", "full_name", "homedirs", "hookspecs", "moab", "sandbox", "slurm", "usernames"}
"""Plugins and packages that come with the agent."""


def problem() -> str:
    """What is wrong with the answers; empty where nothing is."""
    better = re.sub(r"[^a-z0-9]+", "_", NAME.lower()).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", NAME):
        hint = f", such as {better!r}" if better[:1].isalpha() else ""
        return f"plugin_name {NAME!r} cannot be used: write lower-case words of a-z and 0-9, joined by '_'{hint}"
    if NAME in TAKEN:
        return f"plugin_name {NAME!r} is taken by a plugin that comes with the agent; choose another one"
    if keyword.iskeyword(NAME) or keyword.issoftkeyword(NAME):
        return f"plugin_name {NAME!r} is a word of Python's own; choose another one"
    if len(NAME) > LONGEST:
        return f"plugin_name {NAME!r} has {len(NAME)} characters; at most {LONGEST} fit"
    return "" if AUTHOR.strip() else "author is empty; the licence needs to say whose it is"


if text := problem():
    sys.exit(f"error: {text}")

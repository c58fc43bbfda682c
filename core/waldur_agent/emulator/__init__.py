"""A Waldur over real HTTP whose state lives in memory: for the demo, for tests, and for trying a configuration.

Nothing is imported here, so that the command line can describe the emulator without loading a web framework.
Start at :class:`waldur_agent.emulator.server.EmulatorServer` (from Python) or
:mod:`waldur_agent.emulator.command` (from a shell); :mod:`waldur_agent.emulator.scenario` tells what a world is
made of, :mod:`waldur_agent.emulator.faults` what can go wrong in it.
"""

from __future__ import annotations

"""One polling cycle of waldur-site-agent, by its own function for one; run with the peer's own interpreter.

    python peer_cycle.py MODE CONFIG

Its command line knows only an endless loop that wakes up once a minute, which nobody could time.
"""

from __future__ import annotations

import importlib
import sys

mode, config = sys.argv[1:]
sys.argv = ["waldur_site_agent", "-m", mode, "-c", config]

utils = importlib.import_module("waldur_site_agent.common.utils")
agent = importlib.import_module(f"waldur_site_agent.polling_processing.agent_{mode}")
configuration = utils.init_configuration()
agent._process_offerings(configuration, {})

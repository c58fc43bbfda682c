"""One pass of a mode over one offering, of which nothing comes but its summary."""

from __future__ import annotations

import logging
import time

from waldur_agent_hookspecs import NotReady

from waldur_agent.modes.catalogue import Job
from waldur_agent.modes.progress import Progress
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Release
from waldur_agent.site import PluginBug
from waldur_agent.waldur import Unauthorized, WaldurError

log = logging.getLogger(__name__)


def run_pass(job: Job, work: Served, progress: Progress, release: Release | None = None) -> Summary:
    """Run it. Whatever goes wrong is this offering's alone, is logged, and is in the summary."""
    name, summary, began = job.offering.name, Summary(), time.monotonic()
    try:
        summary = job.mode.run(work, progress, release)
        for text in work.waldur.unreadable.values():
            summary.trouble(f"{name}: {text}")
    except Unauthorized as error:
        summary = _failed(f"{name}: {error}", error)
    except (WaldurError, NotReady, PluginBug) as error:
        summary = _failed(f"{name}: {error}; left for the next cycle", error)
    except Exception as error:  # noqa: BLE001 - isolation: one offering's fault must not end the others' service
        summary = _failed(f"{name}: unexpected fault in {job.mode.name}: {error!r}; please report it", error)
    level = logging.INFO if work.focus.whole or summary.done or summary.troubles else logging.DEBUG
    seconds = time.monotonic() - began
    text = "%s: %s: done %d, troubles %d, %.1f s."
    log.log(level, text, name, job.mode.name, summary.done, len(summary.troubles), seconds)
    return summary


def _failed(text: str, error: Exception) -> Summary:
    summary = Summary(failed=True)
    summary.trouble(text)
    log.debug("The traceback:", exc_info=error)
    return summary

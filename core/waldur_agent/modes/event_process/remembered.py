"""Event subscriptions that outlive the process, so that their queues collect what happens while it is down.

One small JSON file in a directory of the agent's own: API URL, offering, what it is for, and the subscription's UUID.
No token is in it. Where it cannot be written, each start makes new subscriptions, and that is said once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import threading
from pathlib import Path

log = logging.getLogger(__name__)

FILE = "event-subscriptions.json"

Known = dict[str, dict[str, dict[str, str]]]


class Remembered:
    """The file, for all offerings; may be used from several threads."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE
        self._lock = threading.Lock()
        self._warned = False
        self._known: Known = self._read()

    def of(self, api_url: str, offering_uuid: str) -> dict[str, str]:
        """Purpose (``stomp order``) to subscription UUID."""
        with self._lock:
            return dict(self._known.get(api_url, {}).get(offering_uuid, {}))

    def put(self, api_url: str, offering_uuid: str, purpose: str, uuid: str) -> None:
        """Remember one."""
        with self._lock:
            self._known.setdefault(api_url, {}).setdefault(offering_uuid, {})[purpose] = uuid
            self._write()

    def drop(self, api_url: str, offering_uuid: str, purpose: str) -> None:
        """Forget one."""
        with self._lock:
            if self._known.get(api_url, {}).get(offering_uuid, {}).pop(purpose, None) is not None:
                self._write()

    def _read(self) -> Known:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                str(url): {
                    str(offering): {str(purpose): str(uuid) for purpose, uuid in kept.items()}
                    for offering, kept in offerings.items()
                }
                for url, offerings in content.items()
            }
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, AttributeError) as error:
            log.warning("%s cannot be used, new event subscriptions will be made: %s", self._path, error)
            return {}

    def _write(self) -> None:
        """Replace the file as a whole, so that no reader and no crash meets half of one."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Made with mode 0600.
            number, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{FILE}.")
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    json.dump(self._known, file, indent=1, sort_keys=True)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            if not self._warned:
                log.warning(
                    "%s cannot be written (%s): each start makes new event subscriptions, and misses what happens "
                    "in between until its first full pass; set state_directory",
                    self._path,
                    error,
                )
            self._warned = True

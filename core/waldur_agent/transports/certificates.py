"""Which certificates a broker may show: the same as for Waldur's REST API."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path


def tls_context(*, verify: bool, environ: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """A context that trusts the system's authorities, or those of ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE``."""
    bundle = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
    if not bundle:
        context = ssl.create_default_context()
    elif Path(bundle).is_dir():
        context = ssl.create_default_context(capath=bundle)
    else:
        context = ssl.create_default_context(cafile=bundle)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

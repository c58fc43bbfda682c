"""One HTTP connection to one Waldur server with one token: the only place that sends anything to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter

from .errors import EndpointMissing, NotFound, Refused, Unauthorized, Unavailable, WaldurError, WrongState

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0
CONCURRENCY = 8
ATTEMPTS = 5
LONGEST_WAIT = 30.0
DETAIL_LENGTH = 500

Params = Mapping[str, str | int | bool | Sequence[str]]


class _Busy(Unavailable):
    """429: may be asked again whatever the method, since the server did nothing."""

    def __init__(self, text: str, retry_after: float | None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class TokenAuth(requests.auth.AuthBase):
    """``Authorization: Token …``. A class of its own, so that a ``.netrc`` never replaces the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the header on."""
        request.headers["Authorization"] = f"Token {self._token}"
        return request

    def __repr__(self) -> str:
        return "TokenAuth(…)"


@dataclass(frozen=True, slots=True)
class Answer:
    """The decoded body of a successful answer (None where it was empty) and its headers."""

    body: Any
    headers: Mapping[str, str]


class Connection:
    """Sends requests; repeats the safe ones; turns every failure into a :class:`WaldurError`.

    Args:
        api_url: Ends with ``/api/``.
        token: Sent with each request, never logged.
        user_agent: Must contain ``waldur-site-agent``: by it the server tells that the offering is being served.
        verify: Whether certificates are checked.
        stop: Set when the agent is asked to end: waits between attempts end at once then.
        answered: Called after each answer, whatever it is.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        user_agent: str,
        verify: bool = True,
        stop: threading.Event | None = None,
        answered: Callable[[], None] = lambda: None,
    ) -> None:
        self.api_url = api_url
        self._verify = verify
        self._stop = stop or threading.Event()
        self._answered = answered
        self._session = requests.Session()
        self._session.auth = TokenAuth(token)
        self._session.headers.update({"Accept": "application/json", "User-Agent": user_agent})
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=CONCURRENCY, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the sockets."""
        self._session.close()

    def get(self, path: str, params: Params | None = None) -> Answer:
        """GET ``path`` (below ``/api/``, ending with a slash); passing faults are repeated with back-off."""
        return self._attempts(Unavailable)(self._send, "GET", path, params=params)

    def post(self, path: str, body: Any = None) -> Answer:
        """POST ``body`` as JSON. Repeated only after 429: any other failure may have had its effect."""
        return self._attempts(_Busy)(self._send, "POST", path, body=body)

    def patch(self, path: str, body: Any) -> Answer:
        """PATCH an object; repeated only after 429."""
        return self._attempts(_Busy)(self._send, "PATCH", path, body=body)

    def delete(self, path: str) -> Answer:
        """DELETE an object; passing faults are repeated, since twice is as good as once."""
        return self._attempts(Unavailable)(self._send, "DELETE", path)

    def _attempts(self, repeated: type[Unavailable]) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(repeated),
            wait=_wait,
            stop=tenacity.stop_any(tenacity.stop_after_attempt(ATTEMPTS), tenacity.stop_when_event_set(self._stop)),
            sleep=tenacity.sleep_using_event(self._stop),
            reraise=True,
        )

    def _send(self, method: str, path: str, *, params: Params | None = None, body: Any = None) -> Answer:
        asked = f"{method} {self.api_url}{path}"
        try:
            response = self._session.request(
                method,
                self.api_url + path,
                params=_query(params),
                json=body,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                # A POST that follows a redirect turns into a GET and loses its body.
                allow_redirects=False,
                # Given each time, because REQUESTS_CA_BUNDLE overrides a session's setting.
                verify=self._verify,
            )
        except requests.exceptions.SSLError as error:
            raise Unavailable(
                f"{asked}: TLS failed ({_cause(error)}); check the certificate or verify_ssl"
            ) from error
        except OSError as error:  # requests' own errors, and those of a REQUESTS_CA_BUNDLE that is not there
            raise Unavailable(f"{asked}: no answer ({_cause(error)})") from error
        self._answered()
        log.debug("%s %s -> %s in %.3f s", method, path, response.status_code, response.elapsed.total_seconds())
        if not response.ok or response.is_redirect:
            raise _failure(asked, response)
        return Answer(_decode(asked, response), response.headers)


def _wait(state: tenacity.RetryCallState) -> float:
    """Doubling from a third of a second, with full jitter; or what the server asked for, within reason."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Busy) and error.retry_after is not None:
        return min(error.retry_after, LONGEST_WAIT)
    return float(tenacity.wait_random_exponential(multiplier=0.3, max=LONGEST_WAIT)(state))


def _query(params: Params | None) -> dict[str, str | list[str]] | None:
    """Lists become repeated keys, as the server wants them; booleans its own words."""
    if params is None:
        return None
    query: dict[str, str | list[str]] = {}
    for key, value in params.items():
        if isinstance(value, bool):
            query[key] = "true" if value else "false"
        else:
            query[key] = str(value) if isinstance(value, str | int) else list(value)
    return query


def _decode(asked: str, response: requests.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json(parse_float=Decimal)
    except ValueError as error:
        kind = response.headers.get("Content-Type", "no content type")
        raise Unavailable(f"{asked}: the answer is no JSON ({kind}, {len(response.content)} bytes)") from error


def _failure(asked: str, response: requests.Response) -> WaldurError:
    status = response.status_code
    text = f"{asked}: {status} {_detail(response)}"
    if status == 429:
        return _Busy(text, _seconds(response.headers.get("Retry-After")))
    if status >= 500:
        return Unavailable(text)
    if response.is_redirect:
        return Refused(f"{asked}: redirected to {response.headers['Location']}; set waldur_api_url to that server")
    if status == 405 or (status == 404 and "json" not in response.headers.get("Content-Type", "")):
        return EndpointMissing(f"{asked}: {status}, this server does not have it")
    kind, advice = _REFUSALS.get(status, (Refused, ""))
    return kind(text + advice)


_REFUSALS: dict[int, tuple[type[WaldurError], str]] = {
    401: (Unauthorized, "; check waldur_api_token"),
    403: (Refused, "; the token's user needs a role there (owner of the provider organisation)"),
    404: (NotFound, " (gone, or not visible to this token)"),
    409: (WrongState, ""),
}


def _detail(response: requests.Response) -> str:
    """The server's own words, on one line and not endless; an HTML page is only its title's worth."""
    if "html" in response.headers.get("Content-Type", ""):
        return response.reason or "(an HTML page)"
    return " ".join(response.text.split())[:DETAIL_LENGTH] or response.reason or "(no text)"


def _seconds(text: str | None) -> float | None:
    """``Retry-After`` in seconds; its date form is rare and then the ordinary back-off serves."""
    return float(text) if text and text.strip().isdigit() else None


def _cause(error: BaseException) -> str:
    """The innermost reason: outer ones repeat the URL and say "Max retries exceeded"."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

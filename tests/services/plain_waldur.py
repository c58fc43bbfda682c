"""A small Waldur that only knows usage, as somebody else would write one: how servers differ is an argument each."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from services.scripted_http import Asked, Reply, scripted

OFFERING = "c" * 32
NOT_FOUND = Reply(404, "<h1>Not Found</h1>", content_type="text/html")
Key = tuple[str, str, str]  # resource, component, first day of the month


@dataclass
class PlainWaldur:
    """State and behaviour.

    Attributes:
        now: The server's clock.
        honours_date: Whether a report goes into the month of its date, or into the one of ``now``.
        shows_date: Whether records tell their date.
        bulk: How ``set_user_usages`` answers: it works, or is not there in one of three ways.
        filters: Whether lists are narrowed by what is asked for.
        past_needs_staff: Whether past usage of usage components is refused.
        page_cap: The largest page.
        fail: Gives the answer to send instead, if any.
    """

    now: datetime
    honours_date: bool = True
    shows_date: bool = True
    bulk: Literal["works", "html", "json", "400"] = "works"
    filters: bool = True
    past_needs_staff: bool = False
    page_cap: int = 300
    fail: Callable[[Asked], Reply | None] = lambda _asked: None
    components: dict[str, str] = field(default_factory=lambda: {"cpu": "usage", "gpu": "limit"})
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[Key, dict[str, Any]] = field(default_factory=dict)
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # record, local name
    accounts: dict[str, str] = field(default_factory=dict)  # local name to offering user
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_resource(self, backend_id: str, state: str = "OK", **limits: int) -> str:
        """A resource with an account."""
        uuid = uuid4().hex
        names = {"uuid": uuid, "name": backend_id, "slug": backend_id, "backend_id": backend_id}
        self.resources[uuid] = {**names, "state": state, "limits": limits, "offering_uuid": OFFERING}
        return uuid

    def totals(self, month: str) -> dict[tuple[str, str], str]:
        """Backend id and component to what was received for a month such as ``2026-11``."""
        return {
            (self.resources[resource]["backend_id"], component): str(record["usage"])
            for (resource, component, day), record in self.records.items()
            if day.startswith(month)
        }

    def users(self, month: str) -> dict[tuple[str, str, str], str]:
        """Backend id, component and local name likewise."""
        keys = {record["uuid"]: key for key, record in self.records.items()}
        return {
            (self.resources[keys[uuid][0]]["backend_id"], keys[uuid][1], name): str(row["usage"])
            for (uuid, name), row in self.rows.items()
            if keys[uuid][2].startswith(month)
        }

    @property
    def writes(self) -> list[str]:
        """The last part of the path of each request that was meant to change something."""
        return [it.path.rstrip("/").rpartition("/")[2] for it in self.asked if it.method != "GET"]

    # ------------------------------------------------------------ answering

    def answer(self, asked: Asked) -> Reply:
        """One request."""
        with self.lock:
            self.asked.append(asked)
            if reply := self.fail(asked):
                return reply
            split = urlsplit(asked.path)
            path = split.path.removeprefix("/api/").strip("/")
            return self._get(path, parse_qs(split.query)) if asked.method == "GET" else self._post(path, asked.body)

    def _get(self, path: str, query: dict[str, list[str]]) -> Reply:
        if path.startswith("marketplace-provider-resources/"):
            return Reply(body=self.resources[path.split("/")[1]])
        if path.startswith("marketplace-provider-offerings/"):
            components = [{"type": name, "billing_type": billing} for name, billing in self.components.items()]
            return Reply(body={"uuid": OFFERING, "name": "HPC", "components": components})
        lists: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "marketplace-component-usages": lambda: [self._record(key, it) for key, it in self.records.items()],
            "marketplace-component-user-usages": lambda: list(self.rows.values()),
            "marketplace-provider-resources": lambda: [
                it for it in self.resources.values() if it["state"] in query["state"]
            ],
            "marketplace-offering-users": lambda: [
                {"uuid": uuid, "username": name, "offering_uuid": OFFERING} for name, uuid in self.accounts.items()
            ],
        }
        return self._list(lists[path](), query) if path in lists else NOT_FOUND

    def _record(self, key: Key, record: dict[str, Any]) -> dict[str, Any]:
        resource, component, month = key
        shown = {
            "type": component,
            "resource_uuid": resource,
            "billing_period": month[:10],
            "offering_uuid": OFFERING,
        }
        hidden = () if self.shows_date else ("date",)
        return {**{name: value for name, value in record.items() if name not in hidden}, **shown}

    def _list(self, items: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
        attributes = {
            "resource_uuid": "resource_uuid",
            "billing_period": "billing_period",
            "component_usage_billing_period": "month",
        }
        for name, attribute in attributes.items() if self.filters else ():
            if name in query:
                items = [item for item in items if item.get(attribute) == query[name][0]]
        size, page = min(int(query["page_size"][0]), self.page_cap), int(query["page"][0])
        part = items[(page - 1) * size : page * size]
        return Reply(body=part, headers={"X-Result-Count": str(len(items))})

    def _post(self, path: str, text: str) -> Reply:
        body = json.loads(text or "null")
        if path.endswith("/set_usage"):
            return self._set_usage(body)
        if path.endswith("/set_as_ok"):
            self.resources[path.split("/")[1]]["state"] = "OK"
            return Reply(200, None)
        if path.endswith("/set_limits"):
            self.resources[path.split("/")[1]]["limits"] = body["limits"]
            return Reply(200, {})
        if found := re.fullmatch(r"marketplace-component-usages/(\w+)/(set_user_usages?)", path):
            return self._set_rows(found[1], found[2], body)
        return NOT_FOUND

    def _set_usage(self, body: dict[str, Any]) -> Reply:
        if self.resources[body["resource"]]["state"] != "OK":
            return Reply(400, {"resource": ["Resource is not in valid state."]})
        moment = self.now
        if self.honours_date and "date" in body:
            moment = datetime.fromisoformat(body["date"]).astimezone(UTC)
        if moment > self.now:
            return Reply(400, {"date": ["Cannot submit usage for future dates."]})
        past = (moment.year, moment.month) < (self.now.year, self.now.month)
        if past and self.past_needs_staff and any(self.components[it["type"]] == "usage" for it in body["usages"]):
            return Reply(400, ["Service providers can only specify date for limit-based components."])
        for item in body["usages"]:
            assert re.fullmatch(r"\d+\.\d\d", item["amount"]), item
            if self.components.get(item["type"]) not in {"usage", "limit"}:
                return Reply(400, {"non_field_errors": [f"These components are invalid: {item['type']}."]})
        for item in body["usages"]:
            record = self.records.setdefault(
                (body["resource"], item["type"], f"{moment:%Y-%m}-01"), {"uuid": uuid4().hex}
            )
            record |= {"usage": Decimal(item["amount"]), "description": item.get("description", "")}
            record["date"] = moment.isoformat()
        return Reply(201, None)

    def _set_rows(self, record: str, action: str, body: dict[str, Any]) -> Reply:
        if action == "set_user_usages" and self.bulk != "works":
            return {"html": NOT_FOUND, "json": Reply(404, {"detail": "?"}), "400": Reply(400, {"detail": "?"})}[
                self.bulk
            ]
        keys = {value["uuid"]: key for key, value in self.records.items()}
        if record not in keys:
            return Reply(404, {"detail": "No ComponentUsage matches the given query."})
        resource, component, month = keys[record]
        for item in body["usages"] if action == "set_user_usages" else [body]:
            assert re.fullmatch(r"\d+\.\d\d", item["usage"]), item
            self.rows[record, item["username"]] = {
                "uuid": uuid4().hex,
                "component_usage": f"http://x/api/marketplace-component-usages/{record}/",
                "resource_uuid": resource,
                "component_type": component,
                "month": month,
                "username": item["username"],
                "usage": Decimal(item["usage"]),
                "user": item.get("user"),
            }
        return Reply(201, None)


@contextmanager
def plain_waldur(server: PlainWaldur) -> Iterator[str]:
    """Serve it; gives the URL of its API."""

    def answer(asked: Asked) -> Reply:
        reply = server.answer(asked)
        return Reply(reply.status, _plain(reply.body), reply.headers, reply.content_type)

    with scripted(answer) as script:
        yield script.url


def _plain(body: Any) -> Any:
    """Amounts as text, as Waldur writes them."""
    return body if body is None or isinstance(body, str) else json.loads(json.dumps(body, default=str))

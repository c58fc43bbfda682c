"""Answers that are refusals, in Waldur's own words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer with an error status; ``body`` is its JSON."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def detail(status: int, text: str) -> ApiError:
    """``{"detail": text}``."""
    return ApiError(status, {"detail": text})


def invalid(**fields: str) -> ApiError:
    """400 with one text for each wrong field."""
    return ApiError(400, {name: [text] for name, text in fields.items()})


def missing(model: str) -> ApiError:
    """404 for an object that is not there or that the caller may not see; Waldur does not tell which."""
    return detail(404, f"No {model} matches the given query.")


def forbidden() -> ApiError:
    """403 for an object that the caller sees but may not touch."""
    return detail(403, "You do not have permission to perform this action.")


def wrong_state(*valid: str) -> ApiError:
    """409 naming the states from which the action is possible."""
    return detail(409, f"Valid states for operation: {', '.join(valid)}.")

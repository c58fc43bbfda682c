"""Backends in any language: one program of the site's own, asked with JSON."""

from __future__ import annotations

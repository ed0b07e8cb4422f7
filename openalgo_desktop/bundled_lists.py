"""The starter lists that ship with the application."""

from __future__ import annotations

import importlib.resources
import json

from services.starter_lists import StarterList, parse_starter_lists


def read_starter_lists() -> tuple[StarterList, ...]:
    """Every starter list, in the order in which they are offered."""
    folder = importlib.resources.files("resources.starter_lists")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda each: each.name)
    return parse_starter_lists(json.loads(file.read_text(encoding="utf-8")) for file in files)

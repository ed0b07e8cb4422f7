"""Documents that can be wrong without anybody noticing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openalgo_desktop.cli import build_parser
from tests import broker_table
from tests.service_api import DOCUMENT, document

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_service_api_page_is_what_the_source_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "renew it: python -m tests.service_api"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_brokers_page_is_what_the_table_says() -> None:
    page = broker_table.DOCUMENT.read_text(encoding="utf-8")
    assert page == broker_table.document(), "renew it: python -m tests.broker_table"


def test_readme_names_every_option() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for action in build_parser()._actions:
        for option in action.option_strings:
            if option.startswith("--") and option != "--help":
                assert option in text, f"README does not mention {option}"


def test_settings_table_is_in_the_user_guide() -> None:
    from services.settings_table import TABLE

    text = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    for setting in TABLE:
        assert f"`{setting.key}`" in text, setting.key

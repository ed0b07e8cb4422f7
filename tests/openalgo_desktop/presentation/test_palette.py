"""The tokens can be read: contrast of every ink on every surface it is written on."""

from __future__ import annotations

import pytest

from openalgo_desktop.presentation.palette import (
    DARK,
    DEPTH_BAR_ALPHA,
    FLASH_ALPHA,
    LIGHT,
    Palette,
    blend,
    contrast,
    for_colour_blind,
)

both = pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda palette: palette.name)


@both
@pytest.mark.parametrize(
    "ink",
    ["text_primary", "text_secondary", "text_muted", "up", "down", "up_cvd", "down_cvd", "accent", "warn", "demo"],
)
def test_contrast_of_ink_on_panel_and_alternate_row(palette: Palette, ink: str) -> None:
    for paper in (palette.bg_panel, palette.bg_row_alt, palette.bg_app):
        assert contrast(getattr(palette, ink), paper) >= 4.5


@both
@pytest.mark.parametrize("ink", ["text_primary", "text_secondary", "text_muted", "up", "down"])
def test_contrast_of_ink_on_selected_row(palette: Palette, ink: str) -> None:
    assert contrast(getattr(palette, ink), palette.bg_selected) >= 4.5


@both
def test_contrast_of_primary_ink_on_flash_and_depth_bar(palette: Palette) -> None:
    for colour in (palette.up, palette.down):
        assert contrast(palette.text_primary, blend(colour, palette.bg_panel, FLASH_ALPHA)) >= 7
        assert contrast(palette.text_primary, blend(colour, palette.bg_panel, DEPTH_BAR_ALPHA)) >= 7


@both
def test_contrast_of_ink_on_filled_surfaces(palette: Palette) -> None:
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.on_accent, palette.demo) >= 4.5
    assert len(palette.flags) == len(set(palette.flags)) == 7
    assert all(contrast(palette.on_accent, flag) >= 4.5 for flag in palette.flags)


def test_measured_ratios_are_those_of_the_design() -> None:
    assert contrast(DARK.text_primary, DARK.bg_panel) == pytest.approx(14.7, abs=0.1)
    assert contrast(LIGHT.text_muted, LIGHT.bg_panel) == pytest.approx(6.2, abs=0.1)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_flash_and_bar_colours_are_those_of_the_design() -> None:
    assert blend(DARK.up, DARK.bg_panel, FLASH_ALPHA) == "#1D453E"
    assert blend(LIGHT.down, LIGHT.bg_panel, FLASH_ALPHA) == "#EFC8C6"
    assert blend(DARK.down, DARK.bg_panel, DEPTH_BAR_ALPHA) == "#3E282E"


def test_colour_blind_palette_changes_only_the_two_directions() -> None:
    changed = for_colour_blind(DARK)
    assert (changed.up, changed.down) == (DARK.up_cvd, DARK.down_cvd)
    assert changed.text_primary == DARK.text_primary

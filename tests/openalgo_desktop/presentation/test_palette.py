"""The tokens can be read: every ink on every surface it is written on, in every theme and pair of colours."""

from __future__ import annotations

from itertools import product

import pytest

from openalgo_desktop.presentation.palette import (
    DARK,
    DEPTH_BAR_ALPHA,
    DIRECTIONS,
    FLASH_ALPHA,
    LIGHT,
    Palette,
    blend,
    contrast,
    with_directions,
)

READABLE, VISIBLE = 4.5, 3.0

every = pytest.mark.parametrize(
    "palette",
    [
        pytest.param(with_directions(base, pair, up_is_red=swapped), id=f"{base.name}-{pair}{'-swapped' * swapped}")
        for base, pair, swapped in product((DARK, LIGHT), DIRECTIONS, (False, True))
    ],
)

# Which inks are written on which surfaces: rows of the grid and of lists; heads, strips and dialogs.
ROWS = ("bg_panel", "bg_row_alt", "bg_hover", "bg_selected")
ROW_INKS = ("text_primary", "text_secondary", "text_muted", "up", "down")
SURFACES = ("bg_app", "bg_panel")
SURFACE_INKS = (*ROW_INKS, "accent", "warn", "demo")


def too_faint(palette: Palette, inks: tuple[str, ...], papers: tuple[str, ...], least: float) -> list[str]:
    return [
        f"{ink} on {paper}: {ratio:.2f}"
        for ink, paper in product(inks, papers)
        if (ratio := contrast(getattr(palette, ink), getattr(palette, paper))) < least
    ]


@every
def test_inks_on_rows_plain_hovered_and_selected(palette: Palette) -> None:
    assert not too_faint(palette, ROW_INKS, ROWS, READABLE)


@every
def test_inks_on_surfaces(palette: Palette) -> None:
    assert not too_faint(palette, SURFACE_INKS, SURFACES, READABLE)


@every
def test_focus_ring_controls_and_edges_on_everything_they_touch(palette: Palette) -> None:
    assert not too_faint(palette, ("accent",), (*ROWS, "bg_app"), VISIBLE)
    assert not too_faint(palette, ("border_control", "warn", "demo"), SURFACES, VISIBLE)
    assert not too_faint(palette, ("warn", "border_control"), ROWS, VISIBLE), (
        "the edge of stale rows, the tick of a bar"
    )


@every
def test_primary_ink_on_every_flash_and_bar(palette: Palette) -> None:
    for colour, paper in product((palette.up, palette.down), ROWS):
        assert contrast(palette.text_primary, blend(colour, getattr(palette, paper), FLASH_ALPHA)) >= READABLE
    for colour in (palette.up, palette.down):
        bar = blend(colour, palette.bg_panel, DEPTH_BAR_ALPHA)
        for ink in ("text_primary", "text_secondary", "text_muted"):
            assert contrast(getattr(palette, ink), bar) >= READABLE, ink


@every
def test_ink_on_filled_surfaces(palette: Palette) -> None:
    assert contrast(palette.on_accent, palette.accent) >= READABLE
    assert contrast(palette.on_accent, palette.demo) >= READABLE
    assert len(palette.flags) == len(set(palette.flags)) == 7
    assert all(contrast(palette.on_accent, flag) >= READABLE for flag in palette.flags)
    for tag in ("up", "down", "text_secondary"):
        assert contrast(palette.bg_app, getattr(palette, tag)) >= READABLE, "the tags of the chart's axes"


@every
def test_disabled_text_is_fainter_than_muted_text(palette: Palette) -> None:
    assert contrast(palette.text_disabled, palette.bg_panel) < contrast(palette.text_muted, palette.bg_panel)


def test_measured_ratios_are_those_of_the_design() -> None:
    assert contrast(DARK.text_primary, DARK.bg_panel) == pytest.approx(14.7, abs=0.1)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01), "a published pair of values"


def test_flash_and_bar_colours_are_those_of_the_design() -> None:
    assert blend(DARK.up, DARK.bg_panel, FLASH_ALPHA) == "#1D453E"
    assert blend(DARK.down, DARK.bg_panel, DEPTH_BAR_ALPHA) == "#3E282E"


def test_pairs_change_only_the_two_directions_and_red_up_swaps_them() -> None:
    changed = with_directions(DARK, "blue_orange")
    assert (changed.up, changed.down) == (DARK.up_cvd, DARK.down_cvd)
    assert changed.text_primary == DARK.text_primary
    swapped = with_directions(DARK, "blue_orange", up_is_red=True)
    assert (swapped.up, swapped.down) == (DARK.down_cvd, DARK.up_cvd)
    assert with_directions(DARK, "green_red") == DARK


# How colours look to eyes without one kind of cones, on linear red, green, blue: Machado, Oliveira and Fernandes
# (2009), table for severity 1.
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
TRITAN = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
Matrix = tuple[tuple[float, float, float], ...]


def seen(colour: str, eyes: Matrix) -> tuple[float, float, float]:
    """Lab coordinates (D65) of `colour` as `eyes` see it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    red, green, blue = (min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0), 1) for row in eyes)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(pair: str, base: Palette, eyes: Matrix) -> float:
    """The distance (CIE76) of up and down."""
    palette = with_directions(base, pair)
    up, down = seen(palette.up, eyes), seen(palette.down, eyes)
    return float(sum((a - b) ** 2 for a, b in zip(up, down, strict=True)) ** 0.5)


@pytest.mark.parametrize("base", [DARK, LIGHT], ids=lambda base: base.name)
@pytest.mark.parametrize(
    ("pair", "eyes"),
    [("blue_orange", DEUTAN), ("blue_orange", PROTAN), ("teal_red", TRITAN)],
    ids=["deutan", "protan", "tritan"],
)
def test_eyes_for_which_a_pair_is_made_tell_it_apart(base: Palette, pair: str, eyes: Matrix) -> None:
    assert apart(pair, base, eyes) >= 60


@pytest.mark.parametrize("base", [DARK, LIGHT], ids=lambda base: base.name)
def test_each_pair_is_better_than_the_usual_one_for_its_eyes(base: Palette) -> None:
    for pair, eyes in (("blue_orange", DEUTAN), ("blue_orange", PROTAN), ("teal_red", TRITAN)):
        assert apart(pair, base, eyes) > apart("green_red", base, eyes) + 5

"""The colour tokens of both themes, and the arithmetic that proves they can be read.

Colours are `#RRGGBB` text, so that this module and its contrast test need no Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FLASH_ALPHA = 0.26
DEPTH_BAR_ALPHA = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One theme. `on_accent` is the ink on a surface filled with `accent` or `demo`."""

    name: str
    is_dark: bool
    bg_app: str
    bg_panel: str
    bg_row_alt: str
    bg_hover: str
    bg_selected: str
    border_hairline: str
    border_control: str
    text_primary: str
    text_secondary: str
    text_muted: str
    text_disabled: str
    up: str
    down: str
    up_cvd: str
    down_cvd: str
    up_tritan: str
    down_tritan: str
    accent: str
    warn: str
    demo: str
    on_accent: str
    flags: tuple[str, ...]
    """The fills of the flags 1 to 7; their numbers are written on them in `on_accent`."""


DARK = Palette(
    name="dark",
    is_dark=True,
    bg_app="#0E1116",
    bg_panel="#141922",
    bg_row_alt="#171D27",
    bg_hover="#212A37",
    bg_selected="#17304D",
    border_hairline="#2A3340",
    border_control="#6B7B91",
    text_primary="#E6EBF2",
    text_secondary="#B1BCCA",
    text_muted="#96A3B4",
    text_disabled="#657284",
    up="#35C48D",
    down="#FF6F66",
    up_cvd="#5AA9FF",
    down_cvd="#FFA94D",
    up_tritan="#14E3CB",
    down_tritan="#FF675C",
    accent="#5AA9FF",
    warn="#E8B84A",
    demo="#A78BFA",
    on_accent="#0E1116",
    flags=("#FF6F66", "#FF9F4A", "#F2CF4A", "#4CC38A", "#3FC7C7", "#6AB0FF", "#B79BFF"),
)

LIGHT = Palette(
    name="light",
    is_dark=False,
    bg_app="#F3F5F8",
    bg_panel="#FFFFFF",
    bg_row_alt="#F7F9FB",
    bg_hover="#EAF0F7",
    bg_selected="#D6E7FF",
    border_hairline="#DDE3EA",
    border_control="#748191",
    text_primary="#131A24",
    text_secondary="#3F4B5D",
    text_muted="#525E70",
    text_disabled="#8A95A3",
    up="#06734F",
    down="#C02A24",
    up_cvd="#0A5CB8",
    down_cvd="#9A4A00",
    up_tritan="#0D7077",
    down_tritan="#C70A0A",
    accent="#0A5CB8",
    warn="#7A5200",
    demo="#6D3FD1",
    on_accent="#FFFFFF",
    flags=("#C02A24", "#A84E00", "#7A5C00", "#1B7340", "#0A6A70", "#0A5CB8", "#6D3FD1"),
)


DIRECTIONS = ("green_red", "blue_orange", "teal_red")
"""Pairs of up and down: the usual one, one for eyes that confuse red and green, one for blue and yellow."""


def with_directions(palette: Palette, pair: str, *, up_is_red: bool = False) -> Palette:
    """Return `palette` with a pair of `DIRECTIONS`; `up_is_red` gives up the warm colour, as East Asian markets do."""
    up, down = {
        "blue_orange": (palette.up_cvd, palette.down_cvd),
        "teal_red": (palette.up_tritan, palette.down_tritan),
    }.get(pair, (palette.up, palette.down))
    return replace(palette, up=down, down=up) if up_is_red else replace(palette, up=up, down=down)


def blend(colour: str, over: str, alpha: float) -> str:
    """Return `colour` laid over `over` with `alpha` from 0 (invisible) to 1 (opaque)."""
    mixed = (round(a * alpha + b * (1.0 - alpha)) for a, b in zip(_channels(colour), _channels(over), strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def contrast(ink: str, paper: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255.0) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

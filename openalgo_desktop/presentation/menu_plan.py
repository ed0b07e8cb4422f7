"""The menu bar as data: titles, action ids in order, `-` for a line, `@name` for a menu that is made elsewhere."""

from __future__ import annotations

from openalgo_desktop.presentation.action_catalogue import CHOICES

LINE = "-"

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        ("rows.add", "palette.open", "palette.commands", LINE, "app.brokers", "settings.open", LINE, "app.quit"),
    ),
    (
        "&Edit",
        (
            *("edit.undo", "edit.redo", LINE),
            *("rows.copy", "rows.copy_shown", "rows.select_all", "rows.toggle", "rows.remove", "rows.up", "rows.down"),
            *(LINE, "rows.filter", "rows.read"),
        ),
    ),
    ("", ("@lists",)),
    ("", ("@rows",)),
    (
        "&View",
        (
            *(*(f"@{setting}" for setting in CHOICES), "view.up_is_red", "@columns", LINE),
            *("view.larger", "view.smaller", "view.usual_size", LINE),
            *(
                "view.watch",
                "view.depth",
                "view.own_depth",
                "view.trades",
                "view.snap",
                "view.chart",
                LINE,
                "view.full_screen",
            ),
        ),
    ),
    ("&Help", ("help.keys", "help.shortcuts", LINE, "help.first_steps", "help.notices", LINE, "help.about")),
)

LIST_MENU: tuple[str, ...] = (
    "list.new", "list.rename", "list.delete", LINE, "list.left", "list.right", LINE, "list.next", "list.previous",
)  # fmt: skip
LIST_NUMBERS: tuple[str, ...] = tuple(f"list.show_{number}" for number in range(1, 10))

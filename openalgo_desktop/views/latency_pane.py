"""The way of the selected row's last tick, from the exchange to the screen, with what each stage usually takes."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from openalgo_desktop.presentation.tick_journey import JourneyBook
from openalgo_desktop.widgets.skin import Skin
from openalgo_desktop.widgets.waterfall import Waterfall

_LEGEND = (
    "The first bar is measured with the exchange's clock and ours, so it holds their difference too. "
    "Numbers are painted at a steady rate: at 10 Hz a tick waits up to 100 ms for the next repaint. "
    "Connected programs do not wait for that."
)


class LatencyPane(QDialog):
    """Stays open while rows are selected; not modal."""

    def __init__(self, skin: Skin, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.waterfall = Waterfall(skin, self)
        legend = QLabel(_LEGEND, self)
        legend.setProperty("role", "muted")
        legend.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addWidget(self.waterfall)
        layout.addWidget(legend)
        layout.addWidget(buttons)

    def show_journeys(self, title: str, book: JourneyBook) -> None:
        """Show the last journey of the instrument called `title`."""
        self.setWindowTitle(f"The way of a tick — {title}")
        stages = book.stages()
        self.waterfall.show_stages(stages, [book.typical(stage.name) for stage in stages])

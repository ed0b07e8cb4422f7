"""pyqtgraph, told to draw as we do. It has no types, so it is `Any` to the checker, here and nowhere else."""

from __future__ import annotations

from typing import Any

import pyqtgraph

pg: Any = pyqtgraph
pg.setConfigOptions(antialias=False, useOpenGL=False, exitCleanup=False)

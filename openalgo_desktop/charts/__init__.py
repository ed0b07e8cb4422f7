"""The candle chart: the only package that imports pyqtgraph."""

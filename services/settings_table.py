"""Every setting, as one typed table: the settings page, the validation and the documentation are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from market.errors import InvalidRequestError

Value = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table. `choices` or `least` and `most` bound the value; `variable` is the environment's name."""

    key: str
    default: Value
    label: str
    help: str
    choices: tuple[Value, ...] = ()
    least: int | None = None
    most: int | None = None
    variable: str | None = None

    def parse(self, value: object) -> Value:
        """Return `value`, or the value that a text stands for, in the type of the default.

        Raises:
            InvalidRequestError: it has another type or is out of range; the sentence says what was expected.
        """
        parsed = _in_type(value, type(self.default))
        if parsed is None or (self.choices and parsed not in self.choices) or not self._in_range(parsed):
            raise InvalidRequestError(f"{self.label}: expected {self.expected}")
        return parsed

    @property
    def expected(self) -> str:
        """What a value must be, as a phrase."""
        if self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        if isinstance(self.default, bool):
            return "on or off"
        if isinstance(self.default, int):
            return f"a whole number from {self.least} to {self.most}"
        return f"a text of 1 to {self.most} characters"

    def _in_range(self, value: Value) -> bool:
        if self.choices or isinstance(value, bool):
            return True
        size = len(value) if isinstance(value, str) else value
        return (self.least is None or size >= self.least) and (self.most is None or size <= self.most)


def _port(key: str, default: int, label: str, help: str, variable: str) -> Setting:
    return Setting(key=key, default=default, label=label, help=help, least=1, most=65535, variable=variable)


def _host(key: str, label: str, help: str, variable: str) -> Setting:
    return Setting(key=key, default="127.0.0.1", label=label, help=help, least=1, most=255, variable=variable)


TABLE: tuple[Setting, ...] = (
    Setting(
        key="theme",
        default="system",
        choices=("dark", "light", "system"),
        label="Theme",
        help="Dark, light, or as the system is set",
    ),
    Setting(
        key="up_down_palette",
        default="green_red",
        choices=("green_red", "blue_orange", "teal_red"),
        label="Colours of up and down",
        help="Blue and orange for eyes that confuse red and green, teal and red for blue and yellow",
    ),
    Setting(
        key="up_is_red",
        default=False,
        label="Warm colour for up",
        help="Red or orange for up and the cool colour for down, as East Asian markets show it",
    ),
    Setting(
        key="density",
        default="standard",
        choices=("compact", "standard", "comfortable"),
        label="Row height",
        help="Compact 18, standard 22, comfortable 28 pixels",
    ),
    Setting(
        key="ui_scale",
        default=100,
        least=80,
        most=150,
        label="Size of text and controls",
        help="In percent, on top of the screen's own scaling",
    ),
    Setting(
        key="feeds",
        default="",
        least=0,
        most=400,
        label="Sources of prices",
        help="Feeds as --feed takes them, separated by spaces, such as binance; empty for the demonstration",
    ),
    Setting(
        key="source_choices",
        default="",
        least=0,
        most=200_000,
        label="Chosen sources",
        help="Which source serves which instrument or list, and with whom it is compared, as JSON; the window keeps it",
    ),
    Setting(
        key="text_rate_hz",
        default=10,
        choices=(2, 5, 10, 20),
        label="Repaints of numbers",
        help="How often a second numbers are repainted; fewer save power, none are lost",
    ),
    Setting(key="flash", default=True, label="Flash changes", help="Tint a price for a moment when it moves"),
    Setting(
        key="flash_style",
        default="background",
        choices=("background", "digits", "dot", "off"),
        label="How changes flash",
        help="The background of the cell, its changed digits, a dot beside it, or nothing",
    ),
    Setting(
        key="flash_attention",
        default=4,
        choices=(0, 1, 2, 3, 4),
        label="What flashes",
        help="From 0, only moves that are large for the instrument, to 4, every change",
    ),
    Setting(key="reduce_motion", default=False, label="Reduce motion", help="No flashes, no animations"),
    Setting(
        key="number_format",
        default="indian",
        choices=("indian", "international"),
        label="Digit groups",
        help="12,34,567 and 1.23 L, or 1,234,567 and 123 K",
    ),
    Setting(
        key="book_tab",
        default="depth",
        choices=("depth", "ladder", "trades"),
        label="Order book",
        help="What is shown beside the market watch: the depth, a price ladder, or time and sales",
    ),
    Setting(
        key="own_books",
        default="",
        least=0,
        most=2000,
        label="Depth windows",
        help="The instruments of the depth windows that were open last, separated by spaces",
    ),
    Setting(
        key="ladder_columns",
        default="",
        least=0,
        most=200,
        label="More columns of the ladder",
        help="Any of traded, average, change, cumulative, separated by commas",
    ),
    Setting(
        key="depth_levels",
        default=20,
        choices=(5, 20, 50),
        label="Depth levels",
        help="How many levels of the order book are shown at most, where the feed sends more",
    ),
    Setting(
        key="quantity_unit",
        default="units",
        choices=("units", "lots"),
        label="Quantities of the order book",
        help="In units, or in lots where a lot is more than one unit",
    ),
    Setting(
        key="starters_offered",
        default=False,
        label="Starter list was offered",
        help="A new profile begins with a list of instruments; a list that was emptied on purpose stays empty",
    ),
    Setting(
        key="columns",
        default="",
        least=0,
        most=4000,
        label="Columns of the market watch",
        help="Which columns are shown, how wide, and by which rows are sorted, as JSON text; empty for the usual ones",
    ),
    Setting(
        key="first_steps_done",
        default=False,
        label="First steps were made",
        help="They open by themselves once, in a new profile",
    ),
    Setting(
        key="recent_choices",
        default="",
        least=0,
        most=2000,
        label="Recent choices",
        help="What was chosen last in the box that goes to anything, as JSON text; the window keeps it",
    ),
    Setting(
        key="keys",
        default="",
        least=0,
        most=8000,
        label="Keys",
        help="The set of keys and what was changed by hand, as JSON text; empty for the usual ones",
    ),
    Setting(
        key="shown_list",
        default=0,
        least=0,
        most=999_999_999,
        label="Shown watchlist",
        help="The number of the watchlist that was shown last",
    ),
    _host("ws_host", "WebSocket address", "Where clients connect; 127.0.0.1 is this computer only", "WEBSOCKET_HOST"),
    _port("ws_port", 8765, "WebSocket port", "The port clients connect to", "WEBSOCKET_PORT"),
    _host("zmq_host", "Bus address", "Where publishers in other processes connect (ZeroMQ)", "ZMQ_HOST"),
    _port("zmq_port", 5555, "Bus port, in", "The port on which publishers are heard", "ZMQ_PORT"),
    _port("zmq_pub_port", 5556, "Bus port, out", "The port on which ticks are published", "ZMQ_PUB_PORT"),
    _host("http_host", "HTTP address", "Where the data API listens", "FLASK_HOST_IP"),
    _port("http_port", 5000, "HTTP port", "The port of the data API", "FLASK_PORT"),
)

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


def _in_type(value: object, kind: type[Value]) -> Value | None:
    if kind is bool:
        return _truth(value)
    if kind is int:
        return _whole(value)
    return value.strip() if isinstance(value, str) else None


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    word = value.strip() if isinstance(value, str) else ""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else None

from adapters.packed_depth import BUY, PackedDepth, Side
from market.ticks import Book, Depth, Level

BID, ASK = Level(1.0, 3, 1), Level(2.0, 4, 1)


def _reader(packet: bytes, unit: float, side: int) -> Side:
    return (Level(packet[0] / unit, 3, 1),) if side == BUY else (Level(packet[1] / unit, 4, 1),)


def _other(packet: bytes, unit: float, side: int) -> Side:
    return _reader(packet[::-1], unit, side)


def _packed(packet: bytes = b"\x64\xc8", unit: float = 100.0, timestamp: int | None = 7) -> PackedDepth:
    return PackedDepth(_reader, packet, unit, timestamp)


def test_a_packed_book_says_what_its_bytes_say() -> None:
    book: Book = _packed()
    assert (book.buy, book.sell, book.timestamp) == ((BID,), (ASK,), 7)


def test_it_equals_a_book_of_the_same_levels_whichever_is_asked() -> None:
    made = Depth((BID,), (ASK,), 7)
    assert _packed() == made
    assert made == _packed()
    assert PackedDepth(_other, b"\xc8\x64", 100.0, 7) == _packed()
    assert hash(_packed()) == hash(made)


def test_it_differs_in_levels_unit_or_time() -> None:
    for other in (_packed(b"\x64\xc9"), _packed(unit=10.0), _packed(timestamp=8), Depth((BID,), (), 7), None):
        assert _packed() != other
        assert other != _packed()

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.modes import Mode
from market.subscriptions import Subscription
from proxy.registry import Channel, Registry
from tests.doubles.ticks import INFY, SBIN

WISHES = st.builds(Subscription, st.sampled_from([SBIN, INFY]), st.sampled_from(list(Mode)))
ACTS = st.lists(
    st.tuples(st.sampled_from(["hold", "release"]), st.sampled_from("abc"), WISHES, st.sampled_from([5, 20])),
    max_size=40,
)


@given(ACTS)
def test_registry_agrees_with_a_plain_model(acts: list[tuple[str, str, Subscription, int]]) -> None:
    registry: Registry[str] = Registry()
    model: dict[tuple[str, Subscription], int] = {}
    for act, holder, wish, levels in acts:
        if act == "hold":
            registry.hold(holder, wish, levels)
            model[holder, wish] = levels
        else:
            assert registry.release(holder, wish) == (model.pop((holder, wish), None) is not None)
        assert len(registry) == len(model)
        for name in "abc":
            assert set(registry.held_by(name)) == {w for h, w in model if h == name}
            assert registry.count_of(name) == len(registry.held_by(name))
        for key in (SBIN, INFY):
            expected: dict[Channel, set[str]] = {}
            for (h, w), depth in model.items():
                if w.key == key:
                    channel = Channel(w.mode, depth if w.mode is Mode.DEPTH else 0)
                    expected.setdefault(channel, set()).add(h)
            assert {c: set(hs) for c, hs in registry.channels(key).items()} == expected
            assert {c: set(hs) for c, hs in registry.audiences(key)} == expected
        assert registry.is_held(wish) == any(w == wish for _, w in model)


def test_hold_with_another_depth_replaces_the_one_before() -> None:
    registry: Registry[str] = Registry()
    wish = Subscription(SBIN, Mode.DEPTH)
    registry.hold("a", wish, 5)
    registry.hold("a", wish, 20)
    assert dict(registry.channels(SBIN)) == {Channel(Mode.DEPTH, 20): {"a": None}}
    assert len(registry) == 1


def test_held_by_keeps_the_order_of_asking() -> None:
    registry: Registry[str] = Registry()
    wishes = [Subscription(key, mode) for mode in Mode for key in (SBIN, INFY)]
    for wish in wishes:
        registry.hold("a", wish)
    assert registry.held_by("a") == wishes


def test_audiences_of_the_same_holders_are_one_object_and_nobody_else_has_it() -> None:
    registry: Registry[str] = Registry()
    for holder in "ab":
        for key in (SBIN, INFY):
            registry.hold(holder, Subscription(key, Mode.QUOTE))
    ((_, of_sbin),), ((_, of_infy),) = registry.audiences(SBIN), registry.audiences(INFY)
    assert of_sbin is of_infy
    registry.release("a", Subscription(INFY, Mode.QUOTE))
    ((_, of_sbin),), ((_, of_infy),) = registry.audiences(SBIN), registry.audiences(INFY)
    assert (set(of_sbin), of_infy) == ({"a", "b"}, ("b",))

"""The file of statistics: one object a second, and one sentence where it cannot be written."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openalgo_desktop.presentation.frame_times import FrameSummary
from openalgo_desktop.stats_file import StallWatch, StatsFile, loop_beats, stats_written
from tests.doubles.waiting import until

FIELDS = ["time", "ticks_in", "frames", "frame_p50_ms", "frame_p99_ms", "longest_stall_ms", "rss_mb", "cpu_pct"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


async def test_a_line_a_second_is_added_to_what_is_there(tmp_path: Path) -> None:
    path, total = tmp_path / "stats.jsonl", iter(range(100, 100_000, 7))
    path.write_text('{"older": 1}\n', encoding="utf-8")
    stats = StatsFile(path, lambda: next(total), lambda: FrameSummary(10, 1.234, 5.678, 9.0), every_s=0.005)
    task = asyncio.create_task(stats.run())
    await until(lambda: len(lines(path)) >= 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    older, first, second = lines(path)[:3]
    assert older == {"older": 1}
    assert list(first) == FIELDS
    assert (first["ticks_in"], second["ticks_in"]) == (7, 7)
    assert (first["frames"], first["frame_p50_ms"], first["frame_p99_ms"]) == (10, 1.23, 5.68)
    assert first["rss_mb"] > 5
    assert first["cpu_pct"] >= 0
    assert second["time"] >= first["time"] > 1.6e12


async def test_headless_has_no_frames(tmp_path: Path) -> None:
    path = tmp_path / "stats.jsonl"
    task = asyncio.create_task(StatsFile(path, lambda: 0, every_s=0.005).run())
    await until(lambda: lines(path))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (lines(path)[0]["frames"], lines(path)[0]["frame_p99_ms"]) == (0, 0.0)


async def test_a_file_that_cannot_be_opened_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "nowhere" / "stats"
    await StatsFile(path, lambda: 0, say=said.append).run()
    assert said == [f"The statistics cannot be written to {path}: No such file or directory. They are off"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
async def test_a_full_disk_is_said_once_and_ends_the_writing() -> None:
    said: list[str] = []
    await StatsFile(Path("/dev/full"), lambda: 0, say=said.append, every_s=0.001).run()
    assert said == ["The statistics cannot be written to /dev/full: No space left on device. They are off"]


async def test_the_application_goes_on_without_its_statistics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = asyncio.Event()
    async with stats_written(tmp_path, lambda: 0):
        await until(lambda: not [task for task in asyncio.all_tasks() if task.get_name() == "statistics"])
        done.set()
    assert done.is_set()
    assert capsys.readouterr().err.count("note: The statistics cannot be written") == 1
    async with stats_written(None, lambda: 0):
        pass


def test_a_stall_is_how_much_too_late_the_beat_comes() -> None:
    now, beating = [0.0], [True]
    started: list[Callable[[], None]] = []

    def beats(every_s: float, beat: Callable[[], None]) -> Callable[[], object]:
        assert every_s == 0.02
        started.append(beat)
        return beating.clear

    watch = StallWatch(beats, lambda: now[0])
    for late_s in (0.0, 0.150, 0.001):
        now[0] += 0.02 + late_s
        started[0]()
    assert watch.take() == pytest.approx(150.0)
    assert watch.take() == 0.0
    watch.stop()
    assert not beating


async def test_the_loop_beats_until_it_is_stopped() -> None:
    heard: list[int] = []
    stop = loop_beats(0.001, lambda: heard.append(1))
    await until(lambda: len(heard) >= 3)
    stop()
    count = len(heard)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(heard) == count


def test_the_module_says_what_every_field_means() -> None:
    module = sys.modules[StatsFile.__module__]
    assert module.__doc__ is not None
    assert all(f"`{name}`" in module.__doc__ for name in FIELDS)
    guide = (Path(__file__).parents[2] / "docs" / "user-guide.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in guide for name in FIELDS)

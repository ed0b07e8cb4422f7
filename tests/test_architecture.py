"""Every import contract is proved by breaking it on a copy: a rule nobody has seen fail is not a rule."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("market", "adapters", "proxy", "services", "openalgo_desktop", "resources")

# contract → a file of the copy, and an import that must not stand there
BREAKS = {
    "market-alone": ("market/ticks.py", "import asyncio"),
    "edges-apart": ("services/result.py", "import proxy.hub"),
    "edges-below-application": ("proxy/hub.py", "import openalgo_desktop.users"),
    "core-without-qt": ("openalgo_desktop/engine.py", "import PySide6.QtCore"),
    "application-layers": ("openalgo_desktop/presentation/formats.py", "import openalgo_desktop.widgets.skin"),
    "only-controllers-call-services": ("openalgo_desktop/widgets/skin.py", "import services.settings"),
    "presentation-on-market": ("openalgo_desktop/presentation/formats.py", "import asyncio"),
    "sockets-in-transport": ("adapters/binance/broker.py", "import aiohttp"),
    "websockets-in-server": ("proxy/hub.py", "import websockets"),
    "aiohttp-in-http-server": ("services/health.py", "import aiohttp"),
    "zmq-at-two-edges": ("services/health.py", "import zmq"),
    "sqlalchemy-in-storage": ("services/settings.py", "import sqlalchemy"),
    "pyqtgraph-in-charts": ("openalgo_desktop/widgets/skin.py", "import pyqtgraph"),
    "pure-without-io": ("proxy/session.py", "import time"),
}


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter in `folder`."""
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": "", "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_has_a_break() -> None:
    assert set(contracts()) == set(BREAKS)


def test_the_untouched_copy_keeps_every_contract(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", sorted(BREAKS))
def test_a_broken_contract_is_noticed(copy: Path, contract: str) -> None:
    name, line = BREAKS[contract]
    path = copy / name
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy, "--contract", contract)
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode == 1, f"{contract} was not broken by {line!r} in {name}:\n{done.stdout}{done.stderr}"
    assert "BROKEN" in done.stdout


def test_our_packages_are_the_ones_imported() -> None:
    for package in PACKAGES:
        module = __import__(package)
        assert module.__file__ is not None
        assert Path(module.__file__).parent.parent == ROOT, f"{package} comes from {module.__file__}"


def test_no_module_imports_itself_by_a_detour() -> None:
    import grimp

    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    left = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    while leaves := {module for module, imported in left.items() if not imported & left.keys()}:
        left = {module: imported for module, imported in left.items() if module not in leaves}
    assert not left, f"modules on a circle, or above one: {sorted(left)}"


def python_files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_files_are_one_concept_long_and_well_named() -> None:
    banned = {"utils", "util", "helpers", "common", "misc", "manager"}
    for path in python_files():
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines"
        assert path.stem not in banned, path.relative_to(ROOT)


def test_functions_are_short() -> None:
    import ast

    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 40, f"{path.relative_to(ROOT)}: {node.name} has {length} lines"


def test_the_core_runs_without_qt() -> None:
    program = (
        "import sys, openalgo_desktop.cli, openalgo_desktop.headless\n"
        "import adapters.binance.broker, adapters.broker_feed, adapters.simulated.feed\n"
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'qasync', 'pyqtgraph'))]"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

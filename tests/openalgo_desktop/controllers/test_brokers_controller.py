"""The page of brokers: log in with fields or a browser, stop waiting, log out, fetch, choose sources."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast
from unittest.mock import patch

from PySide6.QtWidgets import QLabel, QLineEdit

from openalgo_desktop.controllers.main_controller import MainController
from openalgo_desktop.views.brokers_dialog import BrokersDialog
from openalgo_desktop.views.main_window import MainWindow
from services.broker_session import BrokerSessions
from services.login_drawer import LoginDrawer
from services.result import Result
from services.storage.broker_login_rows import BrokerLoginRow
from services.storage.database import Storage
from services.vault import Vault
from tests.doubles.desktop import Desktop
from tests.doubles.toy_brokers import ToyBrokers
from tests.doubles.toy_login import ToyLogins
from tests.openalgo_desktop.conftest import on_stage, until


class MemoryStorage:
    """The table of logins without a database, and without a thread."""

    def __init__(self) -> None:
        self.rows: dict[str, BrokerLoginRow] = {}
        self.broker_logins = self

    def load(self) -> list[BrokerLoginRow]:
        return list(self.rows.values())

    def save(self, row: BrokerLoginRow) -> None:
        self.rows[row.broker] = row

    def later(self, work: Callable[[], object]) -> None:
        work()


class Scene:
    def __init__(self) -> None:
        self.logins = ToyLogins()
        drawer = LoginDrawer(cast(Storage, MemoryStorage()), Vault(b"m" * 32))
        self.sessions = BrokerSessions(self.logins, drawer)
        self.brokers = ToyBrokers(self.sessions)
        self.desktop = Desktop()
        self.window = MainWindow()
        services = dataclasses.replace(self.desktop.services(), brokers=self.brokers)
        self.controller = MainController(self.window, services)
        self.window.show()
        self.window.actions_by_id["app.brokers"].trigger()
        (self.dialog,) = self.window.findChildren(BrokersDialog)

    def tick(self) -> None:
        """A second passes."""
        self.controller._shell.each_second()

    def labels(self) -> str:
        """Everything that can be read on the page."""
        return "\n".join(each.text() for each in self.dialog.findChildren(QLabel) if not each.isHidden())

    def choose(self, row: int) -> None:
        self.dialog.list.setCurrentRow(row)


@on_stage(Scene)
async def test_the_page_shows_the_fields_that_the_broker_declares(scene: Scene) -> None:
    assert [scene.dialog.list.item(row).text() for row in range(2)] == ["Toy", "Web"]
    assert scene.dialog.form.edit("pin").echoMode() is QLineEdit.EchoMode.Password
    assert scene.dialog.form.edit("user").echoMode() is QLineEdit.EchoMode.Normal
    assert "One-time code (optional)" in scene.labels()
    assert scene.dialog._redirect.isHidden()
    await until(lambda: "BSE, NSE" in scene.labels())
    assert "Limits: 1 connection of 10 instruments." in scene.labels()
    scene.choose(1)
    assert scene.dialog._redirect.text() == "http://127.0.0.1:8766/callback"
    assert not scene.dialog._redirect.isHidden()
    assert scene.dialog.login.text() == "Log in with the &browser"


@on_stage(Scene)
async def test_a_login_is_said_and_what_was_typed_is_gone(scene: Scene) -> None:
    scene.logins.expires_ms = 4e12
    scene.dialog.form.edit("user").setText("AB1234")
    scene.dialog.form.edit("pin").setText("4321")
    scene.dialog.form.edit("pin").returnPressed.emit()
    await until(lambda: "Logged in to Toy as AB1234." in scene.labels())
    assert scene.dialog.form.edit("pin").text() == ""
    assert scene.dialog.form.edit("pin").placeholderText() == "kept from the last login"
    assert "renewed by itself" in scene.labels()
    assert scene.dialog.list.item(0).text().startswith("Toy\nfor ")
    assert not scene.dialog.logout.isHidden()
    scene.dialog.logout.click()
    assert "Logged out here." in scene.labels()
    assert scene.sessions.current("toy") is None
    assert not scene.dialog.forget.isHidden()
    scene.dialog.forget.click()
    assert scene.sessions.kept_fields("toy") == frozenset()
    assert scene.dialog.forget.isHidden()


@on_stage(Scene)
async def test_a_refusal_is_said_and_what_was_typed_stays(scene: Scene) -> None:
    scene.logins.refusal = "The PIN is wrong"
    scene.dialog.form.edit("user").setText("AB1234")
    scene.dialog.form.edit("pin").setText("0000")
    scene.dialog.login.click()
    await until(lambda: "The PIN is wrong." in scene.labels())
    assert scene.dialog.form.edit("pin").text() == "0000"
    assert scene.dialog.login.isEnabled()


@on_stage(Scene)
async def test_what_is_missing_is_said(scene: Scene) -> None:
    scene.dialog.login.click()
    await until(lambda: "The login needs user, pin." in scene.labels())


BROWSER = "openalgo_desktop.controllers.brokers_controller.QDesktopServices.openUrl"


@on_stage(Scene)
async def test_a_browser_is_waited_for_and_the_waiting_can_be_stopped(scene: Scene) -> None:
    scene.choose(1)
    scene.dialog.form.edit("api_key").setText("k")
    with patch(BROWSER, return_value=True) as opened:
        scene.dialog.login.click()
        await until(lambda: opened.call_count == 1)
        assert "log in there" in scene.labels()
        assert not scene.dialog.login.isEnabled()
        scene.dialog.cancel.click()
        assert scene.dialog.login.isEnabled()
        scene.dialog.login.click()
        await until(lambda: opened.call_count == 2)
    scene.brokers.back.set()
    await until(lambda: "Logged in to Web as AB1234." in scene.labels())


@on_stage(Scene)
async def test_without_a_browser_the_address_is_shown(scene: Scene) -> None:
    scene.choose(1)
    scene.dialog.form.edit("api_key").setText("k")
    with patch(BROWSER, return_value=False):
        scene.dialog.login.click()
        await until(lambda: "Open this address yourself: https://web.example/login" in scene.labels())
    scene.dialog.cancel.click()


@on_stage(Scene)
async def test_a_download_shows_how_far_it_is_and_what_is_new(scene: Scene) -> None:
    await until(lambda: "No instrument list yet" in scene.labels())
    scene.dialog.fetch.click()
    await until(lambda: "list: 1.0 of 2.0 MB" in scene.labels())
    assert not scene.dialog.fetch.isEnabled()
    scene.brokers.fetched = Result.succeeded({"rows": 3}, "3 instruments: 3 new")
    scene.brokers.may_fetch.set()
    await until(lambda: "3 instruments: 3 new." in scene.labels())
    assert scene.dialog.fetch.isEnabled()


@on_stage(Scene)
async def test_a_source_is_kept_for_the_next_start(scene: Scene) -> None:
    scene.dialog.source.click()
    assert scene.desktop.settings.text("feeds") == "toy"
    assert "Toy gives prices after a login only: log in here, now or after the next start." in scene.labels()
    scene.choose(1)
    assert not scene.dialog.source.isChecked()
    scene.dialog.source.click()
    assert scene.desktop.settings.text("feeds") == "web toy"
    scene.choose(0)
    assert scene.dialog.source.isChecked()
    scene.dialog.source.click()
    assert scene.desktop.settings.text("feeds") == "web"


@on_stage(Scene)
async def test_whoever_is_sent_to_a_broker_can_type_at_once(scene: Scene) -> None:
    scene.controller._shell._open_brokers("web")
    assert scene.dialog.list.currentRow() == 1
    assert scene.dialog.source.isChecked()
    first = next(iter(scene.dialog.form._edits.values()))
    await until(lambda: scene.dialog.focusWidget() is first)


@on_stage(Scene)
async def test_the_time_that_is_left_runs(scene: Scene) -> None:
    await scene.sessions.log_in("toy", {"user": "AB1234", "pin": "4321"})
    session = scene.sessions.current("toy")
    assert session is not None
    scene.tick()
    assert scene.dialog.list.item(0).text() == "Toy\nlogged in"
    scene.sessions.refused(session, "wrong token")
    scene.tick()
    assert scene.dialog.list.item(0).text() == "Toy\nlog in again"
    assert "A new login is needed: wrong token." in scene.labels()

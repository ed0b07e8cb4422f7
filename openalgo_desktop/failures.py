"""Failures that end the program: a sentence for the user and an exit status, never a traceback."""

from __future__ import annotations

from market.errors import OpenAlgoError


class StartupError(OpenAlgoError):
    """The application cannot start; the message says what to do about it."""

    def __init__(self, sentence: str, *, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


class UsageError(StartupError):
    """The command line means nothing."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=2)

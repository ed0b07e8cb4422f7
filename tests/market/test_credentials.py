from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback

import pytest

from market.credentials import Secret

TEXT = "s3cr3t-token-ü"


def test_a_secret_is_in_no_text_made_of_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    logging.getLogger("test").info("token %s %r", secret, {"token": secret})
    texts = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{secret!r}", "%s" % secret, repr([secret])]  # noqa: UP031
    assert all(TEXT not in text for text in [*texts, caplog.text])


def test_a_secret_is_not_in_a_traceback() -> None:
    error = ValueError("refused", Secret(TEXT))
    assert TEXT not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_is_not_serialised(leak: object) -> None:
    with pytest.raises(TypeError):
        leak(Secret(TEXT))  # type: ignore[operator]


def test_a_secret_has_no_dictionary_to_dump() -> None:
    with pytest.raises(TypeError):
        vars(Secret(TEXT))


def test_a_secret_reveals_itself_on_request_only() -> None:
    secret = Secret(TEXT)
    assert secret.reveal() == TEXT
    assert secret.matches(TEXT)
    assert not secret.matches(TEXT + "x")


def test_secrets_are_equal_by_text_and_never_equal_to_it() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret(TEXT) != Secret("other")
    assert Secret(TEXT) != TEXT
    assert not Secret("")
    assert Secret(TEXT)

from __future__ import annotations

import pytest

from market import errors
from services.result import GENERAL_SENTENCE, STATUS, ErrorCode, Result, answered, code_named, code_of


def test_result_is_the_documents_tuple() -> None:
    success, data, status = Result.succeeded({"a": 1}, "Done", broker="simulated")
    assert (success, status) == (True, 200)
    assert data == {"status": "success", "data": {"a": 1}, "message": "Done", "broker": "simulated"}
    assert Result.succeeded() == (
        True,
        {"status": "success", "data": {}, "message": "Operation completed successfully"},
        200,
    )


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.InvalidModeError("m"), "INVALID_MODE", 400),
        (errors.InvalidRequestError("m"), "INVALID_PARAMETERS", 400),
        (errors.NotAuthenticatedError("m"), "AUTH_FAILED", 401),
        (errors.UnknownInstrumentError("m"), "INVALID_SYMBOLS", 400),
        (errors.CapacityError("m"), "CAPACITY_EXCEEDED", 409),
        (errors.TokenExpiredError("m"), "BROKER_UNAVAILABLE", 503),
        (errors.ProfileInUseError("m"), "STORAGE_ERROR", 503),
        (errors.VaultLockedError("m"), "VAULT_LOCKED", 503),
        (errors.OpenAlgoError("m"), "INTERNAL_ERROR", 500),
    ],
)
def test_edge_answers_a_known_error_with_its_code(error: errors.OpenAlgoError, code: str, status: int) -> None:
    @answered
    def service() -> Result:
        raise error

    assert service() == (False, {"status": "error", "message": "m", "error_code": code}, status)


def test_every_error_of_the_tree_has_a_code() -> None:
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OpenAlgoError)]
    assert len(tree) > 10
    assert tree[0] is errors.OpenAlgoError
    for kind in tree[1:]:
        assert code_of(kind("x")) is not None, kind


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(ErrorCode)


@pytest.mark.expected_log("Unforeseen error")
def test_edge_hides_the_text_of_an_unforeseen_error(caplog: pytest.LogCaptureFixture) -> None:
    @answered
    def service() -> Result:
        raise KeyError("the secret inside")

    result = service()
    assert result.status_code == 500
    assert result.data["message"] == GENERAL_SENTENCE
    assert caplog.records[-1].exc_info is not None


def test_edge_answers_a_timeout() -> None:
    @answered
    def service() -> Result:
        raise TimeoutError

    assert service().data["error_code"] == "CONNECTION_TIMEOUT"


def test_code_named_falls_back_for_a_code_that_is_none_of_ours() -> None:
    assert code_named("CAPACITY_EXCEEDED") is ErrorCode.CAPACITY_EXCEEDED
    assert code_named("E-1234") is code_named(None) is ErrorCode.INTERNAL_ERROR

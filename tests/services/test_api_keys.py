from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from market.credentials import Secret
from market.errors import InvalidRequestError, NotAuthenticatedError, VaultLockedError
from services import key_cache
from services.api_keys import ApiKeys, NewKey
from services.storage.database import Storage, open_storage
from services.vault import Vault

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class CountingHasher(PasswordHasher):
    """Argon2id that is fast and counts its verifications."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.verified += 1
        return bool(super().verify(hash, password))


class Times:
    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def timer(self) -> float:
        return self.passed


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = open_storage(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def keys(storage: Storage, times: Times, hasher: CountingHasher) -> ApiKeys:
    return ApiKeys(storage, Vault(bytes(32)), hasher=hasher, now=times.now, timer=times.timer)


def test_new_key_verifies_as_its_user(keys: ApiKeys) -> None:
    identity, key = keys.create("asha", "excel")
    assert len(bytes.fromhex(key.reveal())) == 32
    assert keys.verify(key) == identity
    assert identity == ("asha", identity.key_id, "excel", ("market_data",), None)
    assert keys.verify(key.reveal()) == identity


def test_key_is_stored_hashed_and_encrypted_only(keys: ApiKeys, storage: Storage, tmp_path: Path) -> None:
    _, key = keys.create("asha")
    (row,) = keys.keys_of("asha")
    assert row.api_key_hash.startswith("$argon2id$")
    storage.close()
    for path in tmp_path.iterdir():
        assert key.reveal().encode() not in path.read_bytes(), path


def test_verification_with_another_pepper_fails(keys: ApiKeys, storage: Storage) -> None:
    _, key = keys.create("asha")
    with pytest.raises(NotAuthenticatedError):
        ApiKeys(storage, Vault(bytes(32), pepper=Secret("other")), hasher=FAST).verify(key)


def test_row_whose_lookup_id_fits_but_whose_hash_does_not_is_refused(keys: ApiKeys, storage: Storage) -> None:
    _, key = keys.create("asha")
    with storage.write() as connection:
        connection.exec_driver_sql("UPDATE api_keys SET api_key_hash = ?", (FAST.hash("something else"),))
    with pytest.raises(NotAuthenticatedError):
        keys.verify(key)


def test_right_key_costs_one_verification_in_five_minutes(keys: ApiKeys, hasher: CountingHasher, times: Times) -> None:
    _, key = keys.create("asha")
    for _ in range(10):
        keys.verify(key)
    assert hasher.verified == 1
    times.passed = key_cache.TTL_SECONDS
    keys.verify(key)
    assert hasher.verified == 2


def test_wrong_keys_cost_no_verification_whatever_is_stored(keys: ApiKeys, hasher: CountingHasher) -> None:
    for number in range(5):
        keys.create("asha", f"key {number}")
    for wrong in ("", "x", "00" * 32, "é" * 500, "\ud800"):
        for _ in range(3):
            with pytest.raises(NotAuthenticatedError, match="Invalid API key"):
                keys.verify(wrong)
    assert hasher.verified == 0


def test_flood_of_wrong_keys_is_bounded_and_keeps_the_right_ones(
    keys: ApiKeys, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_cache, "MOST_REFUSED", 5)
    _, key = keys.create("asha")
    keys.verify(key)
    for number in range(20):
        with pytest.raises(NotAuthenticatedError):
            keys.verify(str(number))
    assert len(keys._cache) == 6
    keys.verify(key)
    assert hasher.verified == 1


def test_revoked_key_is_refused_at_once_and_whoever_asked_is_told(keys: ApiKeys) -> None:
    identity, key = keys.create("asha")
    keys.verify(key)
    told: list[int] = []
    keys.on_revoked(told.append)
    keys.revoke("asha", identity.key_id)
    with pytest.raises(NotAuthenticatedError):
        keys.verify(key)
    assert told == [identity.key_id]
    assert keys.keys_of("asha") == []
    with pytest.raises(InvalidRequestError, match="no such key"):
        keys.revoke("asha", identity.key_id)


def test_key_revoked_by_another_process_is_refused_and_told(keys: ApiKeys, storage: Storage, tmp_path: Path) -> None:
    identity, key = keys.create("asha")
    keys.verify(key)
    assert keys.get_user_api_key("asha") == key.reveal()
    told: list[int] = []
    keys.on_revoked(told.append)
    elsewhere = open_storage(tmp_path)
    others = ApiKeys(elsewhere, Vault(bytes(32)), hasher=FAST)
    others.revoke("asha", identity.key_id)
    newer = others.create("asha", "newer")
    elsewhere.close()
    with pytest.raises(NotAuthenticatedError):
        keys.verify(key)
    assert told == []
    keys.notice_changes()
    keys.notice_changes()
    assert told == [identity.key_id]
    assert keys.get_user_api_key("asha") == newer.key.reveal()
    assert keys.verify(newer.key).name == "newer"


def test_revocation_during_a_verification_is_not_undone_by_the_cache(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    class Slow(CountingHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            inside.set()
            assert go_on.wait(10)
            return super().verify(hash, password)

    keys = ApiKeys(storage, Vault(bytes(32)), hasher=Slow())
    identity, key = keys.create("asha")
    refused: list[Exception] = []

    def verify() -> None:
        try:
            keys.verify(key)
        except NotAuthenticatedError as error:
            refused.append(error)

    thread = threading.Thread(target=verify)
    thread.start()
    assert inside.wait(10)
    keys.revoke("asha", identity.key_id)
    go_on.set()
    thread.join()
    assert len(refused) == 1
    with pytest.raises(NotAuthenticatedError):
        keys.verify(key)


def test_expired_key_is_refused_even_from_the_cache(keys: ApiKeys, times: Times) -> None:
    _, key = keys.create("asha", expires_at=NOW + timedelta(seconds=60))
    keys.verify(key)
    assert keys.get_user_api_key("asha") == key.reveal()
    times.passed = 60
    with pytest.raises(NotAuthenticatedError):
        keys.verify(key)
    assert keys.get_user_api_key("asha") is None


def test_default_key_is_the_one_of_that_name(keys: ApiKeys) -> None:
    assert keys.get_user_api_key("asha") is None
    first = keys.create("asha", "excel")
    assert keys.get_user_api_key("asha") == first.key.reveal()
    default = keys.create("asha")
    assert keys.get_user_api_key("asha") == default.key.reveal()
    keys.revoke("asha", default.identity.key_id)
    assert keys.get_user_api_key("asha") == first.key.reveal()
    assert keys.get_user_api_key("ravi") is None


def test_name_is_unique_per_user_until_it_is_revoked(keys: ApiKeys) -> None:
    first = keys.create("asha", "excel")
    with pytest.raises(InvalidRequestError, match="'excel' already"):
        keys.create("asha", "excel")
    keys.create("ravi", "excel")
    keys.revoke("asha", first.identity.key_id)
    second = keys.create("asha", "excel")
    assert second.key != first.key


def test_user_cannot_reveal_or_revoke_the_key_of_another(keys: ApiKeys) -> None:
    new = keys.create("asha")
    assert keys.reveal("asha", new.identity.key_id) == new.key
    for act in (keys.reveal, keys.revoke):
        with pytest.raises(InvalidRequestError):
            act("ravi", new.identity.key_id)
    assert keys.verify(new.key).user_id == "asha"


@pytest.mark.parametrize(
    ("name", "scopes", "expires"),
    [("", ["market_data"], None), ("x" * 65, ["market_data"], None), ("a", ["orders"], None), ("a", [], NOW)],
)
def test_nonsense_is_refused(keys: ApiKeys, name: str, scopes: list[str], expires: datetime | None) -> None:
    with pytest.raises(InvalidRequestError):
        keys.create("asha", name, scopes=scopes, expires_at=expires)


def test_use_is_noted_at_most_once_a_minute(keys: ApiKeys, storage: Storage, times: Times) -> None:
    _, key = keys.create("asha")
    keys.verify(key)
    times.passed = 30
    keys.verify(key)
    storage.flush()
    assert keys.keys_of("asha")[0].last_used_at == NOW
    times.passed = 61
    keys.verify(key)
    storage.flush()
    assert keys.keys_of("asha")[0].last_used_at == NOW + timedelta(seconds=61)


def test_key_is_never_printed_or_pickled(keys: ApiKeys) -> None:
    new = keys.create("asha")
    assert new.key.reveal() not in f"{new} {new.key!r} {keys.list_keys('asha')} {keys.create_key('asha', 'b')}"
    with pytest.raises(TypeError):
        pickle.dumps(NewKey(new.identity, new.key))


def test_functions_for_the_window_answer_with_results(keys: ApiKeys) -> None:
    made = keys.create_key("asha", "excel")
    assert made.status_code == 200
    key_id = made.data["data"]["id"]
    listed = keys.list_keys("asha").data["data"]
    assert listed == [
        {
            "id": key_id,
            "name": "excel",
            "scopes": ["market_data"],
            "created_at": NOW.isoformat(),
            "expires_at": None,
            "last_used_at": None,
        }
    ]
    assert keys.reveal_key("asha", key_id).data["data"]["api_key"] == made.data["data"]["api_key"]
    assert keys.revoke_key("asha", key_id).success
    again = keys.revoke_key("asha", key_id)
    assert (again.status_code, again.data["error_code"]) == (400, "INVALID_PARAMETERS")


def test_key_of_another_master_secret_is_not_revealed(keys: ApiKeys, storage: Storage) -> None:
    new = keys.create("asha")
    other = ApiKeys(storage, Vault(b"1" * 32), hasher=FAST)
    with pytest.raises(VaultLockedError):
        other.reveal("asha", new.identity.key_id)
    assert other.reveal_key("asha", new.identity.key_id).data["error_code"] == "VAULT_LOCKED"


def test_a_key_made_elsewhere_is_taken_over_once_and_stays_revoked(keys: ApiKeys) -> None:
    foreign = Secret("0123456789abcdef" * 4)
    with pytest.raises(NotAuthenticatedError):
        keys.verify(foreign)
    identity, key = keys.create("asha", "shared", key=foreign)
    assert (key, keys.verify(foreign)) == (foreign, identity)
    with pytest.raises(InvalidRequestError, match="known here already"):
        keys.create("asha", "again", key=foreign)
    keys.revoke("asha", identity.key_id)
    with pytest.raises(InvalidRequestError, match="was revoked"):
        keys.create("asha", "again", key=foreign)


@pytest.mark.parametrize("text", ["", "secret", "0123456789ABCDEF" * 4, "0" * 63, "0" * 65, "0" * 63 + "\n"])
def test_a_key_made_elsewhere_must_be_as_long_as_ours(keys: ApiKeys, text: str) -> None:
    with pytest.raises(InvalidRequestError, match="expected 64 hexadecimal digits"):
        keys.create("asha", "shared", key=Secret(text))


def test_a_key_that_another_process_made_is_known_although_it_was_refused_before(
    keys: ApiKeys, storage: Storage, hasher: CountingHasher
) -> None:
    foreign = Secret("0123456789abcdef" * 4)
    with pytest.raises(NotAuthenticatedError):
        keys.verify(foreign)
    ApiKeys(storage, Vault(bytes(32)), hasher=hasher).create("asha", "shared", key=foreign)
    keys.notice_changes()
    assert keys.verify(foreign).name == "shared"

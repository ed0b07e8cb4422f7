"""The tables of a profile. `api_keys` has the columns of the service document; the others follow its style."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite keeps no time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", String(255), nullable=False),
    Column("api_key_hash", Text, nullable=False),
    Column("api_key_encrypted", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, server_default=text("CURRENT_TIMESTAMP")),
    Column("name", String(255), nullable=False, server_default="default"),
    Column("scopes", JSON, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    # HMAC(pepper, key), shortened: finds the one row whose hash is worth verifying. Says nothing about the key.
    Column("lookup_id", String(32), nullable=False, index=True),
)
# A revoked key leaves its name free.
Index(
    "api_keys_user_name",
    api_keys.c.user_id,
    api_keys.c.name,
    unique=True,
    sqlite_where=api_keys.c.revoked_at.is_(None),
    postgresql_where=api_keys.c.revoked_at.is_(None),
)

watchlists = Table(
    "watchlists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("position", Integer, nullable=False),
)

watchlist_items = Table(
    "watchlist_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("watchlist_id", ForeignKey("watchlists.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("exchange", String(16), nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("flag", String(16), nullable=False, server_default=""),
    UniqueConstraint("watchlist_id", "exchange", "symbol"),
)

watchlist_sections = Table(
    "watchlist_sections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("watchlist_id", ForeignKey("watchlists.id", ondelete="CASCADE"), nullable=False, index=True),
    # Among all lines of the list: instruments and titles share the numbers.
    Column("position", Integer, nullable=False),
    Column("name", String(255), nullable=False),
    Column("collapsed", Boolean, nullable=False, server_default=false()),
)

settings = Table(
    "settings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

broker_logins = Table(
    "broker_logins",
    metadata,
    Column("broker", String(32), primary_key=True),
    # Both are encrypted under the profile's master secret.
    Column("session", Text, nullable=False, server_default=""),
    Column("credentials", Text, nullable=False, server_default=""),
    Column("updated_at", UtcDateTime, nullable=False),
)

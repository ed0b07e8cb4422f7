"""Everything that must never be lost: users' keys, watchlists and settings. The only importer of sqlalchemy."""

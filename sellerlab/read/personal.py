"""What could name a buyer never leaves the reader: a keyed hash for the buyer, a mask for anything else.

The hash is a pseudonym, not anonymity: who has the key and a list of e-mail addresses can find a buyer
again. With the default key, which everyone knows, a shop's table is only as safe as the file it is in;
a shop that passes its table on gives a secret `key` of its own.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pandas as pd

from sellerlab import text
from sellerlab.read.parse import over_unique

#: The key used where the caller gives none. It is public: see the note above.
DEFAULT_KEY = b"sellerlab"

#: Up to 6 digits and 3 letters: an amount, no name, no phone number.
_NUMBER_LIKE = re.compile(r"(?=.*\d)(?!(?:.*\d){7})(?!(?:.*[^\W\d]){4})[^@\n]{1,14}")
_DATE_LIKE = re.compile(r"(19|20)\d{2}[-/.]\d{1,3}[-/.]\d{1,3}.{0,16}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.{0,16}")


def pseudonym(value: str, key: bytes | str | None = None) -> str:
    """Return the keyed hash that stands for a buyer.

    Args:
        value: What the file knows the buyer by; case and outer spaces do not count.
        key: The shop's own secret; the same key gives the same pseudonym.

    >>> pseudonym("Buyer1@example.com ") == pseudonym("buyer1@example.com")
    True
    >>> pseudonym("buyer1@example.com") == pseudonym("buyer1@example.com", key="secret")
    False
    """
    secret = DEFAULT_KEY if key is None else key.encode() if isinstance(key, str) else key
    if len(secret) > hashlib.blake2b.MAX_KEY_SIZE:
        secret = hashlib.blake2b(secret).digest()
    plain = value.strip().casefold().encode()
    return "c-" + hashlib.blake2b(plain, key=secret, digest_size=8).hexdigest()


def pseudonyms(columns: list[pd.Series[Any]], key: bytes | str | None) -> pd.Series[Any]:
    """Return the pseudonym of each row's buyer from the first filled column; none where it is masked.

    A value such as ``buyer***`` was masked by the platform: many buyers share it, so it names none.
    """
    found = columns[0]
    for each in columns[1:]:
        found = found.where(found.notna(), each)

    def one(value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip() or "**" in value:
            return None
        return pseudonym(value, key)

    return pd.Series(over_unique(found.astype(object).tolist(), one), index=found.index, dtype=object)


def masked(cell: str) -> str:
    """Return a cell for a message: numbers and dates as they are, anything else only by its length.

    A cell that could not be read may hold a name or a phone number that slipped into its column.

    >>> masked("12.5O"), masked("2026-02-31"), masked("Jane Smith"), masked("070-1234-5678")
    ("'12.5O'", "'2026-02-31'", 'text of length 10', 'text of length 13')
    """
    if _NUMBER_LIKE.fullmatch(cell) or _DATE_LIKE.fullmatch(cell):
        return repr(cell)
    return text.say("text of length {n}", n=len(cell))

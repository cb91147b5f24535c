"""Keys, apart from the data: per account a key and the employee-key key, per object a data key, each wrapped.

Master key > account key > object key. Destroying a key makes what it sealed unreadable, in every backup too.
"""

import asyncio
import hmac
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256

from wm_api.core.encryption import Place, new_key, open_sealed, seal
from wm_api.core.storage import Exists, open_store

CACHED_SECONDS = 60.0
CACHED_KEYS = 1024
DESTROYED = b"destroyed"


class KeyGone(Exception):  # noqa: N818 - named for what is wrong
    """The key was destroyed or never made."""


class KeyStore:
    """Names are hashes, so that a listing tells nothing. Unwrapped keys stay in memory 60 s at most."""

    def __init__(self, url: str, master_key: bytes) -> None:
        self._store = open_store(url)
        self._master_key = master_key
        self._cache: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def account_key(self, account_id: str) -> bytes:
        """Made when first asked for."""
        return await self._get_or_make(self._place(account_id, account_id, "account"), self._master_key)

    async def employee_key_key(self, account_id: str) -> bytes:
        """Ks: employee keys are keyed again under it. Made when first asked for."""
        return await self._get_or_make(self._place(account_id, account_id, "employee"), self._master_key)

    async def make_object_key(self, account_id: str, object_id: str, kind: str) -> bytes:
        """The data key of one object; of two makers one wins and both get the same."""
        return await self._get_or_make(self._place(account_id, object_id, kind), await self.account_key(account_id))

    async def object_key(self, account_id: str, object_id: str, kind: str) -> bytes:
        """Raises KeyGone."""
        place = self._place(account_id, object_id, kind)
        return await self._read(place, await self.account_key(account_id))

    async def destroy_object_key(self, account_id: str, object_id: str, kind: str) -> None:
        """Overwritten with a mark, so that a late maker cannot make it again. Safe to repeat."""
        place = self._place(account_id, object_id, kind)
        self._cache.pop(self._name(place), None)
        await self._store.put(self._name(place), DESTROYED)

    @staticmethod
    def _place(account_id: str, object_id: str, kind: str) -> Place:
        return Place(account_id, object_id, f"key:{kind}")

    def _name(self, place: Place) -> str:
        return hmac.new(self._master_key, place.associated(), sha256).hexdigest()

    async def _get_or_make(self, place: Place, wrapping: bytes) -> bytes:
        with suppress(FileNotFoundError):
            return await self._read(place, wrapping, missing=FileNotFoundError)
        key = new_key()
        with suppress(Exists):
            await self._store.create(self._name(place), seal(key, wrapping, place))
        return await self._read(place, wrapping)

    async def _read(self, place: Place, wrapping: bytes, missing: type[Exception] = KeyGone) -> bytes:
        name, now = self._name(place), asyncio.get_running_loop().time()
        cached = self._cache.get(name)
        if cached is not None and cached[0] > now:
            return cached[1]
        try:
            wrapped = await self._store.read(name)
        except FileNotFoundError as error:
            raise missing from error
        if wrapped == DESTROYED:
            raise KeyGone
        key = open_sealed(wrapped, wrapping, place)
        self._cache[name] = (now + CACHED_SECONDS, key)
        while len(self._cache) > CACHED_KEYS:
            self._cache.popitem(last=False)
        return key

"""What a process holds open: database, object store, keys, wake-ups. Opened once by main and worker."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from wm_api.core.database import make_engine
from wm_api.core.keystore import KeyStore
from wm_api.core.passwords import Passwords
from wm_api.core.running_hashes import RunningHashes
from wm_api.core.settings import Settings
from wm_api.core.signing_keys import SigningKeys
from wm_api.core.slots import Slots
from wm_api.core.storage import Storage, open_store
from wm_api.core.wakeups import Wakeups


class SettingMissing(Exception):  # noqa: N818 - named for what is wrong
    """With external servers a missing secret stops the start and names itself."""


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """Keys of the installation, each derived from the master key for one use."""

    cursor: bytes
    refresh: bytes
    throttle: bytes

    @classmethod
    def of(cls, master_key: bytes) -> "Secrets":
        return cls(*(hmac.digest(master_key, use, "sha256") for use in (b"cursor", b"refresh", b"throttle")))


@dataclass(frozen=True, slots=True)
class Resources:
    settings: Settings
    engine: AsyncEngine
    turns: asyncio.Semaphore
    sessionmaker: async_sessionmaker[AsyncSession]
    storage: Storage
    keystore: KeyStore
    signing_keys: SigningKeys
    passwords: Passwords
    wakeups: Wakeups
    secrets: Secrets
    sandboxes: Slots
    running: RunningHashes


@asynccontextmanager
async def opened(settings: Settings, database_url: SecretStr | None = None) -> AsyncIterator[Resources]:
    """Open everything that the settings name; close it at the end. Raises SettingMissing."""
    master_key = _key(settings.master_key, "WM_MASTER_KEY")
    url = _needed(database_url or settings.database_url, "WM_DATABASE_URL")
    engine = make_engine(url, settings.database_pool, settings.transaction_idle)
    wakeups = Wakeups(_needed(settings.redis_url, "WM_REDIS_URL"))
    if settings.storage_url is None or settings.keystore_url is None or settings.signing_keys is None:
        raise SettingMissing("Set WM_STORAGE_URL, WM_KEYSTORE_URL and WM_SIGNING_KEYS.")
    try:
        yield Resources(
            settings=settings,
            engine=engine,
            turns=asyncio.Semaphore(settings.database_pool),
            sessionmaker=async_sessionmaker(engine, expire_on_commit=False),
            storage=open_store(settings.storage_url),
            keystore=KeyStore(settings.keystore_url, master_key),
            signing_keys=SigningKeys.load(settings.signing_keys),
            passwords=Passwords(_key(settings.password_pepper, "WM_PASSWORD_PEPPER")),
            wakeups=wakeups,
            secrets=Secrets.of(master_key),
            sandboxes=Slots(settings.sandbox_slots),
            running=RunningHashes(),
        )
    finally:
        await wakeups.close()
        await engine.dispose()


def _needed(value: SecretStr | None, name: str) -> str:
    if value is None:
        raise SettingMissing(f"Set {name}.")
    return value.get_secret_value()


def _key(value: SecretStr | None, name: str) -> bytes:
    key = base64.urlsafe_b64decode(_needed(value, name) + "==")
    if len(key) != 32:  # noqa: PLR2004
        raise SettingMissing(f"{name} must be 32 bytes in base64url.")
    return key

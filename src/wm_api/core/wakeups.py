"""Waking a worker through arq. Postgres is the truth: a lost wake-up is only a log line, the sweeper follows."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from wm_api.core.logs import failure, log

QUEUE = "wm:queue"
LONGEST_QUEUE = 400
"""The sweep repeats itself; Redis must not fill with wake-ups that say the same."""


AWAY = (RedisError, OSError)
"""What a server that is gone raises."""


def serialize(job: dict[str, Any]) -> bytes:
    """JSON, never pickle."""
    return json.dumps(job, default=str).encode()


def deserialize(job: bytes) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(job)
    return loaded


def redis_settings(url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout, settings.conn_retries, settings.conn_retry_delay = 2, 0, 0
    return settings


class Wakeups:
    """A pool that is opened when first needed, and again after Redis was away."""

    def __init__(self, url: str) -> None:
        self._settings = redis_settings(url)
        self._pool: ArqRedis | None = None
        self._lock = asyncio.Lock()

    async def pool(self) -> ArqRedis:
        """Raises RedisError or OSError when Redis is away."""
        async with self._lock:
            if self._pool is None:
                self._pool = await create_pool(
                    self._settings, job_serializer=serialize, job_deserializer=deserialize, default_queue_name=QUEUE
                )
        return self._pool

    async def wake(self, account_id: UUID, operation_id: UUID) -> None:
        """Ask a worker to look at an operation. A new job id each time: an old one must not block it."""
        try:
            async with asyncio.timeout(2):
                pool = await self.pool()
                await pool.enqueue_job("run_operation", str(account_id), str(operation_id), _job_id=str(uuid4()))
        except AWAY as error:
            log().warning("wake-up lost", operation_id=str(operation_id), **failure(error))

    async def room(self) -> int:
        """How many wake-ups the queue has room for; none when Redis is away."""
        try:
            async with asyncio.timeout(2):
                pool = await self.pool()
                return max(0, LONGEST_QUEUE - int(await pool.zcard(QUEUE)))
        except AWAY as error:
            log().warning("redis is away", **failure(error))
            return 0

    async def ping(self) -> bool:
        try:
            async with asyncio.timeout(2):
                pool = await self.pool()
                return bool(await pool.ping())
        except AWAY:
            return False

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

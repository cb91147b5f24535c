"""The worker process: arq wakes, the row decides; restarted by its supervisor when Redis was away."""

import asyncio
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from arq import Worker, func

from wm_api.core.logs import configure_logs, failure, log
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.wakeups import QUEUE, deserialize, serialize
from wm_api.pipeline.run import run_operation
from wm_api.pipeline.sweep import sweep_for_ever

AT_ONCE = 2
LONGEST = 4 * 3600


async def run(ctx: dict[str, Any], account_id: str, operation_id: str) -> None:
    await run_operation(cast("Resources", ctx["resources"]), UUID(account_id), UUID(operation_id))


async def work(settings: Settings) -> None:
    """Until it is told to stop; when Redis goes away it waits and begins again."""
    async with opened(settings, settings.worker_url) as resources:
        sweeping = asyncio.create_task(sweep_for_ever(resources))
        try:
            while True:
                try:
                    await _listen(resources)
                except (OSError, ConnectionError) as error:
                    log().warning("redis is away", **failure(error))
                await asyncio.sleep(1)
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping


async def _listen(resources: Resources) -> None:
    worker = Worker(
        functions=[func(run, name="run_operation")],
        redis_pool=await resources.wakeups.pool(),
        queue_name=QUEUE,
        ctx={"resources": resources},
        job_serializer=serialize,
        job_deserializer=deserialize,
        keep_result=0,
        max_tries=1,
        retry_jobs=False,
        max_jobs=AT_ONCE,
        job_timeout=LONGEST,
        poll_delay=0.2,
        handle_signals=False,
    )
    await worker.async_run()


def main() -> None:
    configure_logs()
    with suppress(KeyboardInterrupt):
        asyncio.run(work(Settings()))

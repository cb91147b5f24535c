"""The worker process: arq wakes, the row decides. Redis away: it waits and begins again."""

import asyncio
import signal
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from arq import Worker, func

from wm_api.core.logs import configure_logs, failure, log
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.wakeups import AWAY, QUEUE, deserialize, serialize
from wm_api.pipeline.run import run_operation
from wm_api.pipeline.sweep import sweep_for_ever
from wm_api.scores.methodology import check_sheets

AT_ONCE = 2
LONGEST = 4 * 3600
LOOK_AGAIN = 1.0
"""Seconds until the next try when Redis is away."""


async def run(ctx: dict[str, Any], account_id: str, operation_id: str) -> None:
    """What arq calls. Nothing leaves it but a cancellation: arq would print the text of an error."""
    try:
        await run_operation(cast("Resources", ctx["resources"]), UUID(account_id), UUID(operation_id))
    except Exception as error:  # noqa: BLE001 - as above; the row stays due
        log().error("operation not reached", **failure(error))


async def work(settings: Settings) -> None:
    """Until it is told to stop; then what is running is handed back. Raises NotSigned."""
    check_sheets()
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if settings.worker_url is None:
        log().warning("WM_WORKER_URL is not set: as the application the sweep finds no work that was not woken")
    async with opened(settings, settings.worker_url) as resources:
        jobs: set[asyncio.Task[None]] = set()
        tasks = [asyncio.create_task(sweep_for_ever(resources)), asyncio.create_task(_listen_for_ever(resources, jobs))]
        log().info("worker started")
        await stop.wait()
        await _cancel(tasks)
        await _cancel(jobs)
        log().info("worker stopped")


async def _cancel(tasks: "list[asyncio.Task[None]] | set[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _listen_for_ever(resources: Resources, jobs: "set[asyncio.Task[None]]") -> None:
    """When Redis goes away the jobs that run go on; they are kept in `jobs` until they end."""
    while True:
        worker = None
        try:
            worker = await _worker(resources)
            await worker.async_run()
        except AWAY as error:
            log().warning("redis is away", **failure(error))
        finally:
            if worker is not None:
                await _stop_polling(worker)
                jobs.update(worker.tasks.values())
        for task in [job for job in jobs if job.done()]:
            jobs.discard(task)
            if not task.cancelled() and (lost := task.exception()) is not None:
                log().warning("wake-up not taken off the queue", **failure(lost))
        await asyncio.sleep(LOOK_AGAIN)


async def _stop_polling(worker: Worker) -> None:
    if worker.main_task is not None:
        worker.main_task.cancel()
        with suppress(asyncio.CancelledError, *AWAY):
            await worker.main_task


async def _worker(resources: Resources) -> Worker:
    return Worker(
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
        poll_delay=0.05,
        handle_signals=False,
    )


def main() -> None:
    configure_logs()
    asyncio.run(work(Settings()))

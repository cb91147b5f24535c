"""The route of /v1/score-simulations."""

import asyncio

from wm_api.core.problems import Gone, NotFound, ValidationFailed
from wm_api.core.transactions import transaction
from wm_api.core.web.declarations import declare
from wm_api.core.web.dependencies import ResourcesDep
from wm_api.core.web.routing import new_router
from wm_api.scores import service, simulation
from wm_api.scores.errors import ScoreIncomplete
from wm_api.scores.router import ScoreReader
from wm_api.scores.simulation_schemas import ScoreSimulation, ScoreSimulationRequest

router = new_router("/v1/score-simulations", "scores")


@router.post(
    "",
    operation_id="score_simulations_create",
    summary="What a score would be with other metrics",
    openapi_extra=declare(NotFound, ScoreIncomplete, Gone),
)
async def simulate(body: ScoreSimulationRequest, principal: ScoreReader, resources: ResourcesDep) -> ScoreSimulation:
    """In whole numbers, a limited number of times an hour; nothing is kept and benchmarks do not move."""
    changes = [(each.metric, each.value) for each in body.changes]
    async with transaction(resources, principal.owner_id) as session:  # over before the draws: they take long
        row = await service.get_score(session, body.score_id)
        simulation.check_base(row)
        errors = list(simulation.errors_of(row.record, changes))
        if errors:
            raise ValidationFailed(errors=errors)
        left = await simulation.take_turn(session, resources.settings, principal.owner_id)
    result = await asyncio.to_thread(simulation.simulated, row.record, dict(changes))
    return ScoreSimulation.of(row, result, left)

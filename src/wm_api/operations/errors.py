"""Problems that a job ends with; they are the `error` of its operation."""

from wm_api.core.problems import Problem


class ComputationFailed(Problem):
    status, code, title = 500, "computation-failed", "The computation failed"
    meaning, remedy = "A step of the job failed on our side.", "Push again, or give us the request id."


class WorkerLost(Problem):
    status, code, title = 500, "worker-lost", "The job was given up"
    meaning, remedy = "Its worker was lost five times.", "Push again; the data are still there."

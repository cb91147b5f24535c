"""Problems of scores."""

from wm_api.core.problems import Problem


class ScoreIncomplete(Problem):
    status, code, title = 409, "score-incomplete", "The score has too little data to be published"
    meaning = "Its status is insufficient_data."
    remedy = "Push the columns that `lifts` names, best first."

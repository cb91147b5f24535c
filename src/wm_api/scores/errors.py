"""Problems of scores."""

from wm_api.core.problems import Problem


class ScoreIncomplete(Problem):
    status, code, title = 409, "score-incomplete", "The score has too little data to be published"
    meaning = "Its status is insufficient_data."
    remedy = "Push the columns that `lifts` names, best first."


class RestatesNothing(Problem):
    status, code, title = 409, "restates-nothing", "There is no restatement to show"
    meaning = "The score restates no published score, or the figures of one of the two went with a deleted dataset."
    remedy = "Look at `restates` of the score."

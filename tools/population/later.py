"""`python -m tools.population.later DAYS release-benchmarks ...`: wm-api so many days from now.

A group counts after 90 days; a population that was made up today waits for them in this way, with the command as it is.
"""

import sys
from datetime import date, datetime, timedelta

from wm_api.cli import app
from wm_api.core import clock

right_now = clock.now


def main() -> None:
    days = timedelta(days=int(sys.argv.pop(1)))

    def later() -> datetime:
        return right_now() + days

    def day() -> date:
        return later().date()

    clock.now, clock.today = later, day
    app()


if __name__ == "__main__":
    main()

"""`python -m tools.population`: made-up companies push files, are scored and released; reports on all of it.

Everything goes through the service as it is: embedded servers, the HTTP API, workers, `wm-api release-benchmarks`.
Stopped, it goes on where it was with the same --folder. Written to --out: utility.json and utility.md (what released
quartiles are off by), robustness.json and robustness.md (how much the choices of the methodology move the stars).
"""

import argparse
import asyncio
import json
from pathlib import Path

from tools.population import release
from tools.population.installation import Running, running
from tools.population.page import page, summary
from tools.population.push import Journal, push_all
from tools.population.records import living_wage_table
from tools.population.utility import utility
from tools.robustness.__main__ import of_records

from wm_api.migrate import load_reference
from wm_api.references.sources import SOURCES

EDITION = "2025"
RECORDS = "records.ndjson"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="Data of the installation; kept.")
    parser.add_argument("--companies", type=int, default=600)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--at-once", type=int, default=8, help="Companies that push at the same time.")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--draws", type=int, default=200, help="Of the utility report.")
    parser.add_argument("--out", type=Path, help="Folder of the reports; default: --folder.")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with running(chosen.folder, chosen.workers) as service:
        found = _made(service, chosen)
    out = chosen.out or chosen.folder
    out.mkdir(parents=True, exist_ok=True)
    (out / "utility.json").write_text(json.dumps(found, indent=1) + "\n")
    (out / "utility.md").write_text(page(found))
    print(page(found))
    of_records(chosen.folder / RECORDS, chosen.seed, out)


def _made(service: Running, chosen: argparse.Namespace) -> dict[str, object]:
    """All steps; each finds what it did before."""
    wages = service.folder / "living_wages.csv"
    wages.write_text(living_wage_table())
    url = service.installation.urls["wm_migrator"]
    _say("\n".join(asyncio.run(load_reference(url, SOURCES["living_wage"], wages, EDITION))))
    journal = Journal(service.folder / "pushed.ndjson")
    entries = asyncio.run(push_all(service.url, journal, chosen.companies, chosen.seed, chosen.at_once, _say))
    lines = [json.dumps(each) for each in asyncio.run(release.records(service))]
    (service.folder / RECORDS).write_text("\n".join(lines) + "\n")
    asyncio.run(release.admit_all(service, entries, _say))
    released = [asyncio.run(release.read(service, *each)) for each in release.release(service, _say)]
    return {"population": summary(entries), "releases": [utility(each, chosen.draws) for each in released]}


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()

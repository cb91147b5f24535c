"""`python -m tools.robustness`: writes robustness.json and robustness.md.

Over records of scores (NDJSON, one record a line) or, without, over companies that are made up.
"""

import argparse
import json
from pathlib import Path

from tools.robustness.made_up import companies
from tools.robustness.population import Population
from tools.robustness.report import page, report

from wm_api.benchmarks.fallback import Place
from wm_api.benchmarks.public_sources import cells_of_editions, packaged_statistics
from wm_api.scores.inputs import input_of
from wm_api.scores.methodology import CURRENT, load_methodology

CELLS = cells_of_editions(packaged_statistics())
MADE_UP = (
    "Companies that are made up (`tools/robustness/made_up.py`): how the methodology behaves, not how employers are."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, help="NDJSON: the record of one score a line")
    parser.add_argument("--companies", type=int, default=600)
    parser.add_argument("--methodology", default=CURRENT)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=Path())
    chosen = parser.parse_args()
    if chosen.records:
        of_records(chosen.records, chosen.seed, chosen.out, chosen.methodology)
    else:
        methodology = load_methodology(chosen.methodology)
        inputs, places = companies(chosen.companies, chosen.seed, CELLS, methodology)
        _write(Population.of(inputs, places, CELLS, methodology), chosen.seed, MADE_UP, chosen.out)


def of_records(file: Path, seed: int, out: Path, version: str = CURRENT, **settings: int) -> None:
    """Of scores as the service recorded them; the packaged release stands for what lies one level up.

    `settings`: those of `report`.
    """
    records, methodology = [json.loads(line) for line in file.read_text().splitlines()], load_methodology(version)
    inputs, places = [input_of(each) for each in records], [place_of(each["account"]) for each in records]
    population = Population.of(inputs, places, CELLS, methodology)
    _write(population, seed, f"Recorded scores, {file.name}.", out, **settings)


def _write(population: Population, seed: int, source: str, out: Path, **settings: int) -> None:
    found = report(population, seed, **settings)
    text = page(found, source)
    out.mkdir(parents=True, exist_ok=True)
    (out / "robustness.json").write_text(json.dumps(found, indent=1) + "\n")
    (out / "robustness.md").write_text(text)
    print(text)


def place_of(account: dict[str, str | None]) -> Place:
    return Place.of(account)


if __name__ == "__main__":
    main()

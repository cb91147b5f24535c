"""A customer's machine: mapping, vendor's file, and the agent's commands run in this process."""

from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner, Result

from wm_api.capture.cli import app

ACCOUNT = "01900000-0000-7000-8000-000000000000"
STAFF = """\
Id;Name;Hired;Sex;Pay;Unit
007;Ärmel, Zoë;13/02/2020;F;52.000,50;Y
008;Böll, Max;01/12/2021;M;61.000,00;Y
009;Çelik, Ida;05/06/2022;;25,75;H
"""
MAPPING = """\
version = 1
kind = "workforce"
[facts]
as_of = 2025-12-31
[source]
delimiter = ";"
decimal = ","
thousands = "."
date = "%d/%m/%Y"
ignore = ["Name"]
[columns]
employee_key = { from = "Id", as = "employee_key" }
hire_date = { from = "Hired", as = "date" }
base_rate = { from = "Pay", as = "decimal" }
base_rate_unit = { from = "Unit", as = "code", codes = { Y = "year", H = "hour" } }
currency = { constant = "USD" }
schedule_type = { constant = "full_time" }
gender = { from = "Sex", as = "code", codes = { F = ["F"], M = ["M"], U = [""] } }
"""


@dataclass
class Customer:
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **settings: str) -> Result:
        """Ends with an exit code and a text, whatever is asked."""
        result = CliRunner().invoke(app, list(arguments), env={**self.environment, **settings})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def dry_run(self, staff: str | bytes, mapping: str = MAPPING, name: str = "staff.csv", *more: str) -> Result:
        out = str(self.folder / "out.parquet")
        files = [self.file(name, staff), "--mapping", self.file("staff.toml", mapping)]
        return self.run("dry-run", *files, "--out", out, *more)

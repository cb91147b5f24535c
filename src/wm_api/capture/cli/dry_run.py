"""wm-capture dry-run."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from wm_api.capture import config
from wm_api.capture.cli.endings import ReportFile, ended
from wm_api.capture.cli.options import Declared, Expected, FileArgument, JsonOption, MappingOption, ReportOption
from wm_api.capture.preparation import prepare, written
from wm_api.capture.problems import REFUSED_HERE
from wm_api.capture.terminal import Watch, screen, show_report, size


def dry_run(
    file: FileArgument,
    mapping: MappingOption,
    declared: Declared,
    expected: Expected,
    out: Annotated[Path, typer.Option(help="The exact bytes that would leave.")] = Path("out.parquet"),
    report: ReportOption = None,
    json_out: JsonOption = False,
) -> None:
    """Write what would be sent, and the report. Sends nothing.

    \b
    wm-capture dry-run staff.csv --mapping staff.toml --as-of 2025-12-31
    wm-capture dry-run pay.gz --mapping pay.toml --from 2025-12-01 --to 2025-12-31
    """  # noqa: D301 - the sign that keeps lines as they are
    with Watch() as watch:
        prepared = prepare(
            file, mapping, config.customer_key(), {**declared.facts, **expected.facts}, watch.stage, declared.keep or ()
        )
    written(out, prepared.content)

    def show() -> None:
        show_report(prepared)
        screen.print(f"          {size(len(prepared.content))} written to {escape(str(out))}")

    code = REFUSED_HERE if prepared.report.refused else 0
    line = {**prepared.summary(), "trial": True}
    ended(json_out, line, show, code=code, report=ReportFile(report, file.name) if report else None)

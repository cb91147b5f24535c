"""wm-capture inspect."""

from typing import Annotated

import typer

from wm_api.capture.cli.options import FileArgument
from wm_api.capture.inspection import Profile
from wm_api.capture.problems import FileRefused, UsageWrong
from wm_api.capture.sniffing import sniffed
from wm_api.capture.sources import opened
from wm_api.capture.terminal import show_profiles
from wm_api.capture.transform import ROW


def inspect(
    file: FileArgument,
    delimiter: Annotated[str | None, typer.Option(help="Of a CSV file; default: found out.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV file; default: found out.")] = None,
    header_row: Annotated[int | None, typer.Option(min=1, help="Row of the headings; default 1.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of an XLSX file.")] = None,
) -> None:
    """Show headings, likely types, and columns that look personal. Counts and row numbers, never values.

    Day and month order, and the decimal sign, come with the data rows that prove them; rows count from 1
    below the headings. What nothing proves, ask the vendor: it is never guessed.
    """
    given = {"delimiter": delimiter, "encoding": encoding, "header_row": header_row, "sheet": sheet}
    try:
        source = sniffed(file, {name: value for name, value in given.items() if value is not None})
    except (ValueError, LookupError) as wrong:
        raise UsageWrong("An option is not known: see wm-capture inspect --help.") from wrong
    with opened(file, source) as vendor:
        profiles = [Profile(heading) for heading in vendor.headings]
        rows = 0
        for batch in vendor.batches:
            rows += batch.height
            for index, profile in enumerate(profiles):
                profile.add(batch.get_column(str(index)), batch.get_column(ROW))
        odd = vendor.wrong()
    show_profiles(source, rows, profiles)
    if odd:
        raise FileRefused(odd)

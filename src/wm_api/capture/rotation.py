"""A crosswalk made on this machine: every employee id of a vendor's file under the old and under the new key."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path

from wm_api.capture.key_file import CustomerKey
from wm_api.capture.preparation import mapping_of
from wm_api.capture.problems import UsageWrong
from wm_api.capture.sources import read_source
from wm_api.capture.transform import employee_ids
from wm_api.records.crosswalk import crosswalk


def made_crosswalk(
    file: Path, mapping_file: Path, old: CustomerKey, new: CustomerKey, stage: Callable[[str], None]
) -> tuple[bytes, int]:
    """The bytes to send, gzipped, and how many people they have. Raises UsageWrong, MappingBad, FileRefused."""
    if old.account != new.account:
        raise UsageWrong("The two key files are of different accounts.")
    if old.kid == new.kid:
        raise UsageWrong("Both key files hold one key. Make a new one with wm-capture keygen.")
    mapping = mapping_of(mapping_file)
    if "employee_key" not in mapping.columns:
        raise UsageWrong("The mapping has no employee_key: take that of a workforce or payroll file.")
    stage("reading")
    frame, _ = read_source(file, mapping)
    stage("keying")
    ids = employee_ids(frame, mapping, old)
    pairs = crosswalk(old.account, (old.secret, old.epoch), (new.secret, new.epoch), ids)
    buffer = io.BytesIO()
    pairs.write_csv(buffer)
    return gzip.compress(buffer.getvalue(), mtime=0), pairs.height

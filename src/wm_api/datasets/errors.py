"""Problems of pushing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from wm_api.core.problems import Problem
from wm_api.records.columns import Finding
from wm_api.records.intake import Total


class DatasetRefused(Problem):
    status, code, title = 422, "dataset-refused", "The dataset was refused; nothing was kept"
    meaning = "The file breaks a rule; `findings` names column, rule and rows, never a value."
    remedy = "Mend what `findings` names and push the file again."

    def __init__(self, findings: Sequence[Finding], totals: Sequence[Total] = ()) -> None:
        """`totals` are those of the file, where only they are not what the sender expects."""
        members: dict[str, Any] = {"totals": [asdict(each) for each in totals]} if totals else {}
        super().__init__(findings=[each.public() for each in findings], **members)


class MappingDrift(Problem):
    status, code, title = 409, "mapping-drift", "The file differs from the last one of its source"
    meaning = (
        "Columns, units, currencies, keys, the mapping version or the number of rows changed since the last accepted "
        "file of the source; `findings` names each with its likely cause. Nothing was kept."
    )
    remedy = "Mend the export or the mapping; or, if the change is right, push again with accept_drift=true."

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings=[each.public() for each in findings])


class CommitRefused(Problem):
    status, code, title = 409, "commit-refused", "Beside what counts now the held dataset breaks a rule"
    meaning = "Since the file came other datasets began or ceased to count; `findings` names column, rule and rows."
    remedy = "Discard it and push a corrected file; or correct the dataset that it does not fit, and commit again."

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings=[each.public() for each in findings])


class ReversalRefused(Problem):
    status, code, title = 409, "reversal-refused", "Beside what counts now the dataset before breaks a rule"
    meaning = "Rows of what would count again stand elsewhere by now; `findings` names column, rule and rows."
    remedy = "Undo first what came since; or push a corrected file with supersedes."

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings=[each.public() for each in findings])


class DuplicateContent(Problem):
    status, code, title = 409, "duplicate-content", "These bytes are another dataset"
    meaning, remedy = (
        "The same file was pushed for the same day or period with other facts or another name.",
        "Check which file this is; see `existing`. To correct its facts, send it again with supersedes and that id.",
    )


class DatasetExists(Problem):
    status, code, title = 409, "dataset-exists", "There is a dataset for these dates"
    meaning = "The same kind, dates and external_ref came with other bytes."
    remedy = "To replace it, send again with supersedes and the id in `existing`."


class SupersedeConflict(Problem):
    status, code, title = 409, "supersede-conflict", "It is not the current dataset"
    meaning, remedy = "Another push has replaced it already.", "Read the list and decide again."


class AmendmentMismatch(Problem):
    status, code, title = 409, "amendment-mismatch", "The facts are not those of the amended dataset"
    meaning = "An amendment has the kind, dates and all other facts of the dataset that it amends."
    remedy = "Send the same facts; to change one of them, replace the whole with supersedes."


class EmployeeKeyChanged(Problem):
    status, code, title = 409, "employee-key-changed", "The employee keys come from another key"
    meaning = "The key id differs from the account's, so nobody could be followed over time."
    remedy = "Use the account's key; or send new_key=true: everybody counts as new and the series breaks."


class DigestMismatch(Problem):
    status, code, title = 422, "digest-mismatch", "The bytes do not match the digest"
    meaning, remedy = "Repr-Digest differs from the SHA-256 of the body.", "Send the file again."


class DatesInvalid(Problem):
    status, code, title = 422, "dates-invalid", "The dates do not fit the kind"
    meaning = (
        "Payroll takes period_start and period_end, every other kind as_of; ends follow starts, none is in the future "
        "or before 1930; a window ends with the day of the file or before it, and has 36 months at most."
    )
    remedy = "Send the dates that the record kind asks for."


class UploadIncomplete(Problem):
    status, code, title = 409, "upload-incomplete", "The upload is not complete"
    meaning, remedy = "Bytes are missing: see `offset` and `length`.", "Append the rest, then send this again."


class MismatchingUploadOffset(Problem):
    status, code, title = 409, "mismatching-upload-offset", "The offset does not match"
    meaning = "The append does not begin where the upload ends, or a newer append has taken over."
    remedy = "Ask for the offset with HEAD and go on from there."

    def __init__(self, expected: int, provided: int) -> None:
        super().__init__(headers={"Upload-Offset": str(expected)})
        self.members = {"expected-offset": expected, "provided-offset": provided}


class InconsistentUploadLength(Problem):
    status, code, title = 400, "inconsistent-upload-length", "The length does not fit"
    meaning = "The append goes past Upload-Length, ends before it with Upload-Complete: ?1, or states another length."
    remedy = "Send exactly the bytes from the offset to the length that was declared."


class CompletedUpload(Problem):
    status, code, title = 400, "completed-upload", "The upload is complete"
    meaning, remedy = "All bytes are there already.", "Use it: POST /v1/datasets with upload_id."


class UploadExpired(Problem):
    status, code, title = 410, "upload-expired", "The upload is no longer there"
    meaning = "It was left alone for 24 hours, cancelled, or its bytes did not match the digest; they are destroyed."
    remedy = "Begin a new upload."


class SourceUnknown(Problem):
    status, code, title = 422, "source-unknown", "There is no source of this name"
    meaning = "No source is made by a push, so that a typing error makes none."
    remedy = "Check the name against GET /v1/sources, or make the source with POST /v1/sources."


class SourceKindMismatch(Problem):
    status, code, title = 422, "source-kind-mismatch", "The source sends another record kind"
    meaning = "A source has one record kind, see `source_kind`; the push says another."
    remedy = "Push with the kind of the source, or name another source."


class SourceExists(Problem):
    status, code, title = 409, "source-exists", "There is a source of this name"
    meaning, remedy = "Names of sources are unique in an account.", "Choose another name, or use the source."


class TooManySources(Problem):
    status, code, title = 409, "too-many-sources", "Too many sources"
    meaning, remedy = "The account has as many sources as `limit` says.", "Delete one that is not used."


class QuotaReached(Problem):
    status, code, title = 409, "quota-reached", "The account's quota is reached"
    meaning = "An account keeps so many unused uploads, datasets and bytes at most: see `quota` and `limit`."
    remedy = "Use or cancel open uploads, or delete datasets that are no longer needed."


class RotationRefused(Problem):
    status, code, title = 422, "rotation-refused", "The crosswalk was refused; nothing was changed"
    meaning = "A pair of the crosswalk breaks a rule; `findings` names column, rule and rows, never a value."
    remedy = "Make it again with wm-capture rotate, from the key that the account has now to one that is new."

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings=[each.public() for each in findings])

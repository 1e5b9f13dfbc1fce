"""Everything that can go wrong, as one tree; the edge turns a branch into a status or an exit code.

    QualityError
    ├── CaptureError            the input is at fault
    │   ├── BadEncoding         the text is not base64                       400
    │   ├── CaptureTooLarge     more bytes than allowed                      413
    │   ├── UnsupportedFormat   not a format that this modality reads        415
    │   ├── BrokenCapture       the right format, but damaged or empty       422
    │   └── TooManyPixels       decoding it would take more than allowed     422
    ├── ConfigError             a file or a setting is at fault
    │   ├── UnknownName         no such pipeline, property, metric, ...      404
    │   └── InvalidJob          a job is asked for what it cannot do         422
    ├── DataError               a data set cannot be used as asked
    ├── ArtifactError           a stored model is foreign, damaged or was tampered with
    ├── TrainingError           a search or a fit cannot give a usable model
    ├── MissingExtra            an optional part is not installed
    ├── Unreachable             a server that this needs does not answer         503
    ├── NotFound                no such stored entity                        404
    ├── Conflict                the entity exists already                    409
    ├── Cancelled               somebody told the work to stop
    ├── JobsOff                 this service takes no jobs                   403
    └── Busy                    more work than the queue holds               503
        └── QueueFull           as many jobs wait as may

A message says what happened, why, and how to mend it; it never holds a path of the server or a stack.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class QualityError(Exception):
    """Root of all errors of this package; `str(error)` is fit for the user's eyes."""

    code = "quality-error"


class CaptureError(QualityError):
    """The input is at fault."""

    code = "capture-error"


class BadEncoding(CaptureError):
    """The text is not strict base64."""

    code = "bad-encoding"


class CaptureTooLarge(CaptureError):
    """More bytes than the limit allows."""

    code = "capture-too-large"


class UnsupportedFormat(CaptureError):
    """The bytes are no format that this modality reads."""

    code = "unsupported-format"


class BrokenCapture(CaptureError):
    """The format is right, but the content is damaged, truncated or empty."""

    code = "broken-capture"


class TooManyPixels(CaptureError):
    """Decoding would take more memory than the limit allows."""

    code = "too-many-pixels"


class ConfigError(QualityError):
    """A configuration file or a setting is at fault."""

    code = "config-error"


class UnknownName(ConfigError):
    """No such pipeline, property, metric, key, ...; the message names the nearest one.

    >>> str(UnknownName("metric", "roc_acu", ["f1", "roc_auc"]))
    "No metric is called 'roc_acu'. Did you mean 'roc_auc'? Known: f1, roc_auc."
    """

    code = "unknown-name"

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"No {kind} is called {name!r}.{did_you_mean(name, known)} Known: {listing(known)}.")


class InvalidJob(ConfigError):
    """A job is asked for what it cannot do, or may not."""

    code = "invalid-job"


def refuse_unknown(kind: str, given: Iterable[str], known: Iterable[str]) -> None:
    """`UnknownName` for the first name that is not known."""
    names = tuple(known)
    for name in given:
        if name not in names:
            raise UnknownName(kind, str(name), names)


class DataError(QualityError):
    """A data set cannot be used as asked."""

    code = "data-error"


class ArtifactError(QualityError):
    """A stored model is foreign, damaged or was tampered with."""

    code = "artifact-error"


class TrainingError(QualityError):
    """A search or a fit cannot give a usable model."""

    code = "training-error"


class MissingExtra(QualityError):
    """An optional part is not installed.

    >>> str(MissingExtra("train", "Training"))
    "Training needs the extra 'train': pip install 'multimodal[train]'."
    """

    code = "missing-extra"

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs the extra {extra!r}: pip install 'multimodal[{extra}]'.")


class Unreachable(QualityError):
    """A server that this needs does not answer, or not in time."""

    code = "unreachable"


class NotFound(QualityError):
    """No such stored entity."""

    code = "not-found"


class Conflict(QualityError):
    """The entity exists already, or changed meanwhile."""

    code = "conflict"


class Cancelled(QualityError):
    """Somebody told the work to stop."""

    code = "cancelled"


class JobsOff(QualityError):
    """This service takes no jobs."""

    code = "jobs-off"

    def __init__(self) -> None:
        super().__init__("Jobs are off: this service takes none. MULTIMODAL_JOBS says how many may wait.")


class Busy(QualityError):
    """More work than the queue holds: try again after `retry_after` seconds."""

    code = "busy"

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(f"The service is busy. Try again in {retry_after} s.")
        self.retry_after = retry_after


class QueueFull(Busy):
    """As many jobs wait as may."""

    code = "queue-full"

    def __init__(self, most: int, retry_after: int = 60) -> None:
        super().__init__(retry_after)
        self.args = (f"{most} jobs wait already, as many as may. Try again when one has begun, or cancel one.",)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a question with a leading space, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def listing(names: Iterable[str], most: int = 20) -> str:
    """Names in order, shortened when there are many.

    >>> listing(["b", "a"])
    'a, b'
    """
    ordered = sorted(names)
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + more if ordered else "none"

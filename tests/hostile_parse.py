"""Readers that harm the process they run in."""

import ctypes
import os

import numpy as np

from multimodal.domain.shared.errors import BrokenCapture, MissingExtra
from multimodal.domain.shared.modality import Limits
from multimodal.domain.shared.parsed import Parsed


def obey(data: bytes, limits: Limits) -> Parsed:
    """Do what the bytes say."""
    return DEEDS[data.split()[0]](data)


def reads(data: bytes) -> Parsed:
    """Like a good reader, but it prints."""
    os.write(1, b"noise on the standard output\n")
    array = np.frombuffer(data, np.uint8).astype(">f4").reshape(1, -1)
    return Parsed({"vertices": array, "empty": np.zeros((0, 3))}, {"format": "TEST", "process": os.getpid()})


def aborts(data: bytes) -> Parsed:
    """As a native library does that found an assertion violated."""
    os.abort()


def crashes(data: bytes) -> Parsed:
    """Read where no memory is."""
    ctypes.string_at(0)
    raise AssertionError


def hangs(data: bytes) -> Parsed:
    """Never end."""
    while True:
        pass


def eats(data: bytes) -> Parsed:
    """Take all memory that there is."""
    kept = []
    while True:
        kept.append(np.empty(2**24))


def leaves(data: bytes) -> Parsed:
    """End the process, as pymeshfix does."""
    os._exit(0)


def refuses(data: bytes) -> Parsed:
    """Say what is wrong."""
    raise BrokenCapture("It is empty.")


def lacks(data: bytes) -> Parsed:
    """Say what is not installed."""
    raise MissingExtra("scan", "Reading it")


def lies(data: bytes) -> Parsed:
    """Answer with something that is no array of numbers."""
    return Parsed({"vertices": np.array(["text"])}, {})


DEEDS = {f.__name__.encode(): f for f in (reads, aborts, crashes, hangs, eats, leaves, refuses, lacks, lies)}

"""What a process that works on many captures side by side asks of its machine.

settle() ...... one OpenCV thread a job, and freed arrays stay with the process
ENVIRONMENT ... the same, and more, for a process that is yet to start
"""

from __future__ import annotations

import ctypes
import sys

import cv2

KEEP = 256 * 2**20  # bytes
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # malloc.h
ENVIRONMENT = {  # read by glibc and BLAS when a process starts; what a person has set goes over it
    "MALLOC_MMAP_THRESHOLD_": str(KEEP),
    "MALLOC_TRIM_THRESHOLD_": str(KEEP),
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def settle() -> None:
    """Call it once, before the work starts.

    OpenCV's own threads only disturb jobs that already fill the cores. glibc gives the memory of each picture back
    to the kernel when it is freed, and gets it page by page the next time, unless the thresholds are raised.
    """
    cv2.setNumThreads(1)
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not in musl
        if mallopt is not None:
            mallopt(MMAP_THRESHOLD, KEEP)
            mallopt(TRIM_THRESHOLD, KEEP)

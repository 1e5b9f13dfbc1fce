"""A settled machine works on many captures side by side."""

import cv2

from multimodal.adapters.machine import settle


def test_opencv_uses_the_callers_thread_and_settling_twice_is_harmless():
    settle()
    settle()
    assert cv2.getNumThreads() == 1

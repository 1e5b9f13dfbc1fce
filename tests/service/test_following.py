"""Something is done again and again until it is closed."""

import threading

from multimodal.service.following import Follower
from tests.patience import eventually


def test_it_is_done_until_it_is_closed():
    calls = []
    follower = Follower(lambda: calls.append(threading.current_thread()), 0.001)
    follower.start()
    eventually(lambda: len(calls) > 3)
    follower.close()
    assert len(set(calls)) == 1
    assert not calls[0].is_alive()


def test_zero_is_never():
    follower = Follower(lambda: 1 / 0, 0)
    follower.start()
    follower.close()


def test_what_goes_wrong_is_logged_once_until_it_goes_well_again(caplog):
    outcomes = iter([True, True, False, True, *[False] * 100_000])
    follower = Follower(lambda: 1 / 0 if next(outcomes) else None, 0.001)
    follower.start()
    eventually(lambda: caplog.text.count("could not be looked at") >= 2)
    follower.close()
    assert caplog.text.count("could not be looked at") == 2

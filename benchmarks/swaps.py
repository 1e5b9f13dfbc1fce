"""What following the store costs those who wait for an answer: p50 and p99 of one service, in turns, within one run.

    python -m benchmarks.swaps [--seconds 3] [--rounds 5] [--clients 2] [--every 1]

still ..... nothing is promoted
swaps ..... every second another version of each of the five trained pipelines is promoted, and both workers swap it
shadow .... a second service whose pipelines all have a challenger that watches; nothing is promoted

Ratios are medians over the rounds, against `still` of the same round.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from benchmarks.api import SIZES, photos
from benchmarks.load import Load, Outcome, for_seconds, post
from multimodal.bootstrap import App, bootstrap
from multimodal.config.config import Settings
from multimodal.domain.shared.bundle import ModelRef
from tests.entrypoints.api.test_server import Served, served


def versions(app: App) -> list[tuple[ModelRef, ModelRef]]:
    """Two versions of each trained pipeline that differ in nothing but their card."""
    found = []
    for name in app.models.names():
        champion = app.models.champion(name)
        if champion is not None:
            bundle = app.models.load(champion)
            one, other = (app.models.save(replace(bundle, card=f"{bundle.card}\n{letter}\n")) for letter in "ab")
            found.append((one, other))
    return found


@contextmanager
def promoting(app: App, pairs: Sequence[tuple[ModelRef, ModelRef]], every: float) -> Iterator[None]:
    """Promote one and the other version of all, again and again; in a process, not to hold up the load generator."""

    def promote() -> None:
        for turn in itertools.count():
            time.sleep(every)
            for pair in pairs:
                app.models.promote(pair[turn % 2])

    process = multiprocessing.get_context("fork").Process(target=promote)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def ask(service: Served, pictures: Sequence[bytes], clients: int, seconds: float) -> Outcome:
    return Load(service.address, [post("/v1/assessments", data) for data in pictures], clients).run(
        for_seconds(seconds)
    )


def report(name: str, outcomes: Sequence[Outcome], still: Sequence[Outcome]) -> None:
    def ratio(of: Callable[[Outcome], float]) -> float:
        return statistics.median(of(o) / of(s) for o, s in zip(outcomes, still, strict=True))

    p50, p99 = (statistics.median(o.quantile(q) for o in outcomes) * 1000 for q in (0.5, 0.99))
    ratios = [ratio(lambda o, q=q: o.quantile(q)) for q in (0.5, 0.99)] + [ratio(lambda o: o.rate)]
    failures = sum(len(o.failures) for o in outcomes)
    print(
        f"{name:7} p50 {p50:6.1f} ms x{ratios[0]:.2f}   p99 {p99:6.1f} ms x{ratios[1]:.2f}   rate x{ratios[2]:.2f}",
        end="",
    )
    print(f"   {sum(o.accepted for o in outcomes):,} answers, {failures} failures")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--every", type=float, default=1)
    given = parser.parse_args()
    pictures = photos(SIZES["640x480"])
    with tempfile.TemporaryDirectory() as name:
        plain, watched = Path(name, "plain"), Path(name, "watched")
        app = bootstrap(Settings(home=plain))
        pairs = versions(app)
        versions(bootstrap(Settings(home=watched)))
        with served(plain, follow=0.05) as service, served(watched, shadow=True) as shadow:
            rounds: dict[str, list[Outcome]] = {"still": [], "swaps": [], "shadow": []}
            for each in (service, shadow):
                ask(each, pictures, given.clients, 1)
            for _ in range(given.rounds):
                rounds["still"].append(ask(service, pictures, given.clients, given.seconds))
                with promoting(app, pairs, given.every):
                    rounds["swaps"].append(ask(service, pictures, given.clients, given.seconds))
                rounds["shadow"].append(ask(shadow, pictures, given.clients, given.seconds))
            for one, outcomes in rounds.items():
                report(one, outcomes, rounds["still"])
            print(httpx.get(f"{shadow.url}/v1/shadow").json()["agreements"][0])


if __name__ == "__main__":
    main()

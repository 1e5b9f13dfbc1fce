"""What every route needs, made once for an application and reached through `Api`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from ...adapters.batching import BatchedAssessmentStore
from ...bootstrap import App
from ...domain.shared.ports import AssessmentStore
from ...service.observer import Observer
from .intake import Intake
from .runner import Runner
from .work import Work

COMPUTE_THREADS = 1
DATABASE_THREADS = 4
READERS = 256
BODIES = 8
FORM = 4


@dataclass
class Context:
    """The rooms behind the counter of one process.

    compute: where captures are assessed. reading: where the database is asked. store: where it is told, many
    assessments in one commit. observer: counts what was stored. runner: who does what takes longer than a request.
    ready: whether all models are loaded. posts: POST requests that are not answered yet. draining: whether this process
    answers what it has and takes nothing new.
    """

    app: App
    compute: Work
    reading: Work
    store: BatchedAssessmentStore
    observer: Observer
    intake: Intake
    runner: Runner
    ready: bool = False
    posts: int = 0
    draining: bool = False

    @property
    def quiet(self) -> bool:
        """Whether nobody waits for something to be judged."""
        return not self.posts

    @contextmanager
    def posting(self) -> Iterator[None]:
        """A POST request, until its answer has left; on the event loop only."""
        self.posts += 1
        try:
            yield
        finally:
            self.posts -= 1

    @property
    def body_limit(self) -> int:
        """Bytes that one capture may have."""
        return self.app.settings.max_bytes

    @property
    def form_limit(self) -> int:
        """Bytes that one multipart form may have, all its files together."""
        return FORM * self.body_limit

    @property
    def json_limit(self) -> int:
        """Bytes of a JSON body: base64 makes four characters of three bytes, and some room for the rest."""
        return self.body_limit * 4 // 3 + 4096

    def close(self) -> None:
        """End the threads."""
        self.compute.close()
        self.reading.close()
        self.observer.close()


def open_context(app: App) -> Context:
    """A context for one process; all bodies that are here at the same time are at most eight largest captures."""
    places = max(COMPUTE_THREADS, app.settings.queue)
    return Context(
        app=app,
        compute=Work("compute", COMPUTE_THREADS, places),
        reading=Work("reading", DATABASE_THREADS, READERS),
        store=batched(app.store),
        observer=Observer(app.references, app.traffic),
        intake=Intake(BODIES * app.settings.max_bytes),
        runner=Runner(app.settings, app.jobs),
    )


def batched(store: AssessmentStore) -> BatchedAssessmentStore:
    """The store itself when it commits many together, else one that does in front of it."""
    return store if isinstance(store, BatchedAssessmentStore) else BatchedAssessmentStore(lambda: store)


def context_at(request: Request) -> Context:
    """The context of the application that answers this request; without the 0.2 ms that FastAPI takes to inject it."""
    context: Context = request.app.state.context
    return context


async def context_of(request: Request) -> Context:
    """The same, injected."""
    return context_at(request)


Api = Annotated[Context, Depends(context_of)]

"""The HTTP API and the processes that serve it.

    app.py ............ create_app(App) -> FastAPI; nothing else puts the pieces together
    edge.py ........... outermost layer: request ids, one log line a request, the plain 500
    problems.py ....... errors as RFC 9457 problem documents
    intake.py ......... bodies, counted while they arrive
    work.py ........... work off the event loop, with admission
    context.py ........ what every route needs
    judging.py ........ from a request's parameters to assessed and stored captures
    answers.py ........ frozen results as JSON
    schemas.py ........ what requests and pages look like, for OpenAPI
    examples.py ....... pictures and texts of /docs that really work
    routes/ ........... assessments, evidence, predict, pipelines, shadow, drift, jobs, health, pages
    runner.py ......... starts the process that runs jobs

    server.py ......... serve(settings): from settings to a running service and an exit code
    supervisor.py ..... the parent: starts workers, restarts and replaces them
    dealer.py ......... accepts connections and deals them to the workers
    hand.py ........... a worker as its parent sees it
    worker.py ......... one process: one event loop, one compute thread
    connection.py ..... guards of a worker's connections
    channel.py ........ what parent and worker say to each other
    alone.py .......... one process that does everything, where there can be no parent (Windows)

The first half runs under any ASGI server; the second half is one that loses no request while workers are replaced.
"""

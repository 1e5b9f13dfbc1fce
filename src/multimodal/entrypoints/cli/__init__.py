"""The command line: `multimodal`.

    program.py ......... the program: global options, errors as one line, exit codes
    shell.py ........... what the global options mean: settings, logging, the application
    assess.py .......... assess PATH...: its options; what it needs:
        order.py ....... what was asked for, and what is impossible in it
        run.py ......... find, judge, write
        member.py ...... one of the processes that judge a large folder
        finding.py ..... files, folders, globs, lists -> captures
        partial.py ..... what an interrupted run has done
        documents.py ... assessments as plain values, and their flat rows
        writers.py ..... table, JSON, JSON lines, CSV, Parquet
        tally.py ....... counts, the summary, and what `--fail-on` says about them
        shelf.py ....... results into the database
    pipelines.py ....... what can be assessed
    train.py ........... train and evaluate
    jobs.py ............ the jobs of a service: run, list, show, cancel
    dataset.py ......... what is in a data set, and what is wrong with it
    runs.py ............ runs list and push
    serve.py ........... the HTTP API
    configuration.py ... config show, path, check; checking.py does the last one
    table.py, bars.py .. aligned columns; progress on a terminal

Nothing heavy is imported here: numpy, OpenCV and the services come with the command that needs them.
"""

from .program import main

__all__ = ["main"]

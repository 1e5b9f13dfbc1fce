"""Adapters: one outside thing a file; each implements a port of the domain.

data_repo ............ DatasetSource: folders, manifest, YAML; storage reads files here and at URLs
model_store .......... ModelStore: folders of versions; serialization is the folder's form
tuner ................ Tuner: Optuna
tracker .............. Tracker: the log
engine ............... Engine: threads
assessment_store ..... AssessmentStore: SQLite or PostgreSQL; batching lets many writers share a transaction
job_store ............ JobStore: in the same database
only_one ............. one process at a place
db ................... any entity in a database; db_engine reaches it, db_tables has ours, migrations change them
logger ............... where log lines go
"""

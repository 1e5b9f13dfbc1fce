"""What every modality is made of: samples, data sets, estimators, training, evaluation, pipelines, results, ports."""

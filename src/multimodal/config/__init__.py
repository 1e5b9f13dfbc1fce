"""Configuration: settings from the environment, and the YAML files of pipelines and data sets.

config.py ........ environment and .env files -> Settings
strict_yaml.py ... YAML -> plain values; what looks like a mistake is an error
thresholds.py .... the user's thresholds.yaml
image/ ........... one YAML a pipeline
datasets/ ........ one YAML a data set
"""

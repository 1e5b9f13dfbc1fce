"""Ways in: each turns what a person or a program asks into calls of the services, and their answers into its own words.

api/ .... HTTP (FastAPI) and the process server behind `multimodal serve`
cli.py .. the command line
"""

"""The report of a collection: one HTML page that needs nothing else, to be passed on, printed and searched."""

from .page import page

__all__ = ["page"]

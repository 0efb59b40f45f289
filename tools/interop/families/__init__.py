"""The families that can be drawn. A new one: a function in one of these files."""

from . import bert, experts, gemma, gpt, llama, recurrent  # noqa: F401: they fill the table
from .table import encoders, families, tolerance

__all__ = ["encoders", "families", "tolerance"]

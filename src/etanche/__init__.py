"""étanche: what is in a leaked file of patients' data, who is in it, where it came from, what is owed."""

__version__ = "0.1.0"

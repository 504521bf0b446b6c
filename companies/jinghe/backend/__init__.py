"""The demo company's back end: a small service over SQLite with every order of its customers, which can also be made to
fail in every way that back ends fail.
"""

from companies.jinghe.backend.app import make_app
from companies.jinghe.backend.faults import Faults

__all__ = ["Faults", "make_app"]

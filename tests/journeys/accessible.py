"""A page as everybody must be able to use it: axe finds nothing, nothing scrolls sideways."""

from tests.browsing import sound as look

__all__ = ["look"]

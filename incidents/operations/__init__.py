"""Every write about incidents, and the refusals that go with them."""

from incidents.operations.moves import NothingThere

__all__ = ["NothingThere"]

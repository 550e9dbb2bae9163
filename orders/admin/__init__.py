"""The back office of orders: purchase proofs, service orders, inspections, and what other pages tell about them."""

from orders.admin import inspections, listings, proofs, services  # noqa: F401  they register themselves

"""The modes: each one way for the data, from both sides to a plan, to outcomes, and back to Waldur."""

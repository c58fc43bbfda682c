"""Real services for tests, each private to the test run."""

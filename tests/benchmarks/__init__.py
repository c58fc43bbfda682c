"""Measurements that are run by hand: what they show depends on the machine, so that no test asserts it."""

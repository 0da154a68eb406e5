"""Runs a plan: obtains every step, reuses what is done, writes a record for every cell."""

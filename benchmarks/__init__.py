"""Benchmarks: start-up, the local cloud, and what each command asks of AWS. `python -m benchmarks` runs them all.

They know Copilot by its command line only, so that another tool with the same commands is measured by the same rows.
"""

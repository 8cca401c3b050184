"""The command line: flags in, one action, text and an exit code out. Decides nothing about apps or AWS.

`main` is the only place that catches and exits, `catalog` the only list of commands, `wiring` the composition root.
"""

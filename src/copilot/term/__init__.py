"""The terminal: what is printed where, in which colour and column, and how a question looks. Decides nothing.

Data goes to stdout and talk to stderr, so that a pipe only ever carries data. `rich` and `questionary` are imported
here and nowhere else, when the first tree is drawn or the first question asked.
"""

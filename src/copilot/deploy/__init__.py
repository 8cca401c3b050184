"""Decides what must change, then changes it: plans are frozen data with their cause, executing them has no opinions.

Knows no flag and no terminal; what happens is told as events.
"""

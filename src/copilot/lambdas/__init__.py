"""Handlers of the stacks' custom resources. They run inside AWS Lambda: standard library and boto3, nothing of ours.

Each file becomes a zip with the single entry `index.py`: the shared `custom_resource.py`, then the file itself.
"""

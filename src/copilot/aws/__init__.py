"""The only door to AWS: a connection, one gateway a service with typed answers, and one translation of errors.

Knows no manifest and no template. Importing it costs nothing: the AWS SDK is imported at the first call.
"""

"""What CloudFormation does and the emulator lacks: stack sets, resource types, template summaries, coercions.

Every addition is an entry in one of the emulator's tables, made by `copilot.local.extensions.install`. Nothing here
knows Copilot's own names: it is CloudFormation, whoever calls it.
"""

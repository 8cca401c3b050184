"""Frozen records and facts that rooms hand each other. Knows neither AWS nor YAML."""

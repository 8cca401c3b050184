"""Resource types that the emulator lacks: handlers over the same records that the services' APIs read."""

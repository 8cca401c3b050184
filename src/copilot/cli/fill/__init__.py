"""What the flags left open: taken from the workspace, from the only candidate, or asked."""

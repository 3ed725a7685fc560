"""Is everything there that a sign-in needs? Asked on a schedule, and by the operator's `doctor`."""

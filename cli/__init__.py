"""The operator's command: what one does by hand, with the same code that the functions run."""

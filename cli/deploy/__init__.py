"""`passerelle deploy` and `passerelle firewall`: what the SAM CLI does, after a few questions, once."""

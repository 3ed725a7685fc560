"""The functions in containers, by `sam local start-api`, with the stand-ins around them."""

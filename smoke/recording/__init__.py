"""What somebody's tool wrote down of requests, made into a scenario: one way, whatever it came from."""

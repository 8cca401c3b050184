"""Load balancers that answer: each has a loopback port, routes by its rules, and knows which targets are healthy."""

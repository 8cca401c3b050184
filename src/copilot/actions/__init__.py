"""One module a use case. Takes a request and a context, returns an outcome or a description; no click, no print."""

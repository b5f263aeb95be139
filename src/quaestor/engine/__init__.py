"""Where the stages meet. `open_loop` is the left half of an event's life, `closed_loop` the right half."""

"""One experiment: models trained, tested walk forward and on a hold-out, beside everything simpler, and reported."""

"""Policy documents: versions, reviews, acknowledgements, training, registers."""

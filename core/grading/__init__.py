"""Reading answers: their final number, and the equations in them."""

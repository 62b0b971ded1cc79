"""Credit: what a customer may cost us, what it may owe, and what is sold to it on credit."""

"""The shared vocabulary of the market: values and rules, no I/O, no clock, standard library only."""

"""What is shown and how it reads: text, colour, geometry and candles as plain values. No Qt here."""

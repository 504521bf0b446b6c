"""What a person at a seat sees, says and speaks through: the page's messages, its line, and the desk behind them."""

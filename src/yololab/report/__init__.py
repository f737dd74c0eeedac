"""A study on one page: the question, the answers, the numbers behind them, and what they rest on."""

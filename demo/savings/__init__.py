"""The tab Savings: accuracy against cost of every policy, and the bill."""

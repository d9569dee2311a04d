"""What calls cost: dated list prices, the ledger of every attempt, bills of policies."""

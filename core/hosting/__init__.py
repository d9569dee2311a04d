"""What only the operator of a public page needs: settings, offers, spending limits."""

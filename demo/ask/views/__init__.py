"""What Ask shows, as HTML: plain values in, nothing asked or kept."""

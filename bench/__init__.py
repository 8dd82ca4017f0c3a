"""What `invoke bench` runs: ours, the original and floors in turn. See docs/performance.md."""

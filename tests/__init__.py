"""Tests. Each is a sentence about what chatgraph does, and fails when that is no longer so."""

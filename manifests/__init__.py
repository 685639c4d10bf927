"""Wire ↔ frames: carriers' messages in, frames with one contract inside, CUSRES out."""

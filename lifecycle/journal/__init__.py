"""The journal: append under the world's lock, read in order. The only room that writes events."""

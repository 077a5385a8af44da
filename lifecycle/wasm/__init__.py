"""Judging WebAssembly bytes. Rules of the world must not be put here."""

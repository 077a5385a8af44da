"""Bytes by digest: wasm, source packages, diagnostics."""

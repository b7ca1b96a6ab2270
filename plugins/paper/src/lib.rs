//! A fake chain with constant-product pools, to trade without a network.

//! End-to-end tests of orderd on a real EVM node, and the tools they share.

//! EVM chains: EIP-1559 transactions over JSON-RPC.

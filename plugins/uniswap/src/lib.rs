//! Uniswap V2, its forks, and Uniswap V3.

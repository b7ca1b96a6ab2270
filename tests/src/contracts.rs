//! The functions and events used of the deployed contracts, as their interfaces declare them.

#![expect(clippy::too_many_arguments, reason = "an event has as many values as its contract says")]

use alloy_sol_types::sol;

sol! {
    /// A token.
    interface Erc20 {
        function balanceOf(address owner) external view returns (uint256);
        function decimals() external view returns (uint8);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
    }

    /// Wrapped ether.
    interface Weth {
        function deposit() external payable;
    }

    /// Finds Uniswap V2's and SushiSwap's pools.
    interface V2Factory {
        function getPair(address tokenA, address tokenB) external view returns (address);
    }

    /// Trades on Uniswap V2 and SushiSwap.
    interface V2Router {
        function addLiquidity(
            address tokenA, address tokenB, uint256 amountADesired, uint256 amountBDesired,
            uint256 amountAMin, uint256 amountBMin, address to, uint256 deadline
        ) external returns (uint256 amountA, uint256 amountB, uint256 liquidity);
        function getAmountsOut(uint256 amountIn, address[] path) external view returns (uint256[] amounts);
        function swapExactTokensForTokens(
            uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline
        ) external returns (uint256[] amounts);
    }

    /// A pool of Uniswap V2 or SushiSwap.
    interface V2Pair {
        event Swap(
            address indexed sender, uint256 amount0In, uint256 amount1In,
            uint256 amount0Out, uint256 amount1Out, address indexed to
        );
    }

    /// Finds Uniswap V3's pools.
    interface V3Factory {
        function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address);
    }

    /// Creates Uniswap V3's pools and their liquidity.
    interface V3Positions {
        struct MintParams {
            address token0; address token1; uint24 fee; int24 tickLower; int24 tickUpper;
            uint256 amount0Desired; uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min;
            address recipient; uint256 deadline;
        }
        function createAndInitializePoolIfNecessary(
            address token0, address token1, uint24 fee, uint160 sqrtPriceX96
        ) external payable returns (address pool);
        function mint(MintParams params) external payable
            returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
    }

    /// Tells what a trade on Uniswap V3 would give.
    interface V3Quoter {
        struct QuoteParams {
            address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96;
        }
        function quoteExactInputSingle(QuoteParams params) external
            returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 ticksCrossed, uint256 gasEstimate);
    }

    /// Trades on Uniswap V3.
    interface V3Router {
        struct ExactInputSingleParams {
            address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline;
            uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96;
        }
        function exactInputSingle(ExactInputSingleParams params) external payable returns (uint256 amountOut);
    }

    /// A pool of Uniswap V3.
    interface V3Pool {
        event Swap(
            address indexed sender, address indexed recipient, int256 amount0, int256 amount1,
            uint160 sqrtPriceX96, uint128 liquidity, int24 tick
        );
    }

    /// What tells a pool of Uniswap V4 from others: its id is the hash of this.
    struct PoolKey {
        address currency0; address currency1; uint24 fee; int24 tickSpacing; address hooks;
    }

    /// Holds all pools of Uniswap V4.
    interface V4PoolManager {
        function initialize(PoolKey key, uint160 sqrtPriceX96) external returns (int24 tick);
        event Swap(
            bytes32 indexed id, address indexed sender, int128 amount0, int128 amount1,
            uint160 sqrtPriceX96, uint128 liquidity, int24 tick, uint24 fee
        );
    }

    /// Puts liquidity into a pool of Uniswap V4.
    interface V4Liquidity {
        struct ModifyLiquidityParams { int24 tickLower; int24 tickUpper; int256 liquidityDelta; bytes32 salt; }
        function modifyLiquidity(PoolKey key, ModifyLiquidityParams params, bytes hookData)
            external payable returns (int256 delta);
    }

    /// Tells what a trade on Uniswap V4 would give.
    interface V4Quoter {
        struct QuoteExactSingleParams { PoolKey poolKey; bool zeroForOne; uint128 exactAmount; bytes hookData; }
        function quoteExactInputSingle(QuoteExactSingleParams params) external
            returns (uint256 amountOut, uint256 gasEstimate);
    }

    /// What the Universal Router is made with.
    struct RouterParameters {
        address permit2; address weth9; address v2Factory; address v3Factory;
        bytes32 pairInitCodeHash; bytes32 poolInitCodeHash; address v4PoolManager;
        address v3NFTPositionManager; address v4PositionManager; address spokePool;
    }

    /// Takes tokens for the Universal Router.
    interface Permit2 {
        function allowance(address user, address token, address spender) external view
            returns (uint160 amount, uint48 expiration, uint48 nonce);
        function approve(address token, address spender, uint160 amount, uint48 expiration) external;
    }
}

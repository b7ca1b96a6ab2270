//! The contracts' interfaces, as far as they are called.

use alloy_sol_types::sol;

sol! {
    interface Erc20 {
        function balanceOf(address owner) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external;
    }

    interface V2Factory {
        function getPair(address tokenA, address tokenB) external view returns (address);
        function allPairsLength() external view returns (uint256);
    }

    interface V2Pair {
        function getReserves() external view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast);
    }

    interface V2Router {
        function factory() external view returns (address);
        function WETH() external view returns (address);
        function getAmountsOut(uint256 amountIn, address[] path) external view returns (uint256[]);
        function swapExactTokensForTokens(
            uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline
        ) external returns (uint256[]);
    }

    interface V3Factory {
        function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address);
        function feeAmountTickSpacing(uint24 fee) external view returns (int24);
    }

    interface V3Pool {
        function slot0() external view returns (
            uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality,
            uint16 observationCardinalityNext, uint32 feeProtocol, bool unlocked
        );
    }

    interface V3Quoter {
        struct QuoteExactInputSingleParams {
            address tokenIn;
            address tokenOut;
            uint256 amountIn;
            uint24 fee;
            uint160 sqrtPriceLimitX96;
        }
        function factory() external view returns (address);
        function quoteExactInputSingle(QuoteExactInputSingleParams params) external returns (
            uint256 amountOut, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate
        );
    }

    interface V3Router {
        struct ExactInputSingleParams {
            address tokenIn;
            address tokenOut;
            uint24 fee;
            address recipient;
            uint256 deadline;
            uint256 amountIn;
            uint256 amountOutMinimum;
            uint160 sqrtPriceLimitX96;
        }
        struct ExactInputParams {
            bytes path;
            address recipient;
            uint256 deadline;
            uint256 amountIn;
            uint256 amountOutMinimum;
        }
        function factory() external view returns (address);
        function WETH9() external view returns (address);
        function exactInputSingle(ExactInputSingleParams params) external payable returns (uint256);
        function exactInput(ExactInputParams params) external payable returns (uint256);
    }

    interface V3Router02 {
        struct ExactInputSingleParams {
            address tokenIn;
            address tokenOut;
            uint24 fee;
            address recipient;
            uint256 amountIn;
            uint256 amountOutMinimum;
            uint160 sqrtPriceLimitX96;
        }
        struct ExactInputParams {
            bytes path;
            address recipient;
            uint256 amountIn;
            uint256 amountOutMinimum;
        }
        function exactInputSingle(ExactInputSingleParams params) external payable returns (uint256);
        function exactInput(ExactInputParams params) external payable returns (uint256);
        function multicall(uint256 deadline, bytes[] data) external payable returns (bytes[]);
    }

    struct PoolKey {
        address currency0;
        address currency1;
        uint24 fee;
        int24 tickSpacing;
        address hooks;
    }

    interface V4Quoter {
        struct QuoteExactSingleParams {
            PoolKey poolKey;
            bool zeroForOne;
            uint128 exactAmount;
            bytes hookData;
        }
        function poolManager() external view returns (address);
        function quoteExactInputSingle(QuoteExactSingleParams params) external returns (
            uint256 amountOut, uint256 gasEstimate
        );
    }

    interface V4StateView {
        function poolManager() external view returns (address);
        function getSlot0(bytes32 poolId) external view returns (
            uint160 sqrtPriceX96, int24 tick, uint24 protocolFee, uint24 lpFee
        );
    }

    /// What the Universal Router's command `V4_SWAP` is made of, beside what it calls.
    interface UniversalRouter {
        struct ExactInputSingleParams {
            PoolKey poolKey;
            bool zeroForOne;
            uint128 amountIn;
            uint128 amountOutMinimum;
            bytes hookData;
        }
        function poolManager() external view returns (address);
        function execute(bytes commands, bytes[] inputs, uint256 deadline) external payable;
    }

    interface Permit2 {
        function allowance(address user, address token, address spender) external view returns (
            uint160 amount, uint48 expiration, uint48 nonce
        );
        function approve(address token, address spender, uint160 amount, uint48 expiration) external;
    }
}

// A constant-product pool, as Uniswap V2 prices it.
#ifndef POOL_H
#define POOL_H

#include "amount.h"

#define POOL_BPS 10000u
// No reserve has more bits, so that no product of two and a fee passes 512.
#define POOL_RESERVE_BITS 240

// A pool as one swap sees it.
struct market {
    struct amount reserve_in;
    struct amount reserve_out;
    unsigned fee_bps; // below POOL_BPS
};

// What selling this gives, rounded down, and how far that moves the price, in millionths rounded up. False
// when it gives nothing, or a reserve would pass POOL_RESERVE_BITS.
bool market_quote(const struct market *market, const struct amount *amount_in, struct amount *amount_out,
                  uint32_t *impact_ppm);

#endif

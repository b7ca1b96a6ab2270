#include "pool.h"

// number x factor / divisor, and what is left.
static bool share(const struct amount *number, const struct amount *factor, const struct amount *divisor,
                  struct amount *out, struct amount *left) {
    struct amount product;
    if (!amount_multiply(number, factor, &product)) return false;
    amount_divide(&product, divisor, out, left);
    return true;
}

// With `paid` = in x (10000 - fee) and `full` = reserveIn x 10000 + paid:
// out = paid x reserveOut / full, and the impact is paid / full.
bool market_quote(const struct market *market, const struct amount *amount_in, struct amount *amount_out,
                  uint32_t *impact_ppm) {
    struct amount after, paid, full, impact, left;
    struct amount whole = amount_of(POOL_BPS), kept = amount_of(POOL_BPS - market->fee_bps),
                  million = amount_of(1000000);
    bool fits =
        amount_add(&market->reserve_in, amount_in, &after) && amount_bits(&after) <= POOL_RESERVE_BITS &&
        amount_bits(&market->reserve_out) <= POOL_RESERVE_BITS && amount_multiply(amount_in, &kept, &paid) &&
        amount_multiply(&market->reserve_in, &whole, &full) && amount_add(&full, &paid, &full) &&
        share(&paid, &million, &full, &impact, &left);
    if (!fits) return false;
    *impact_ppm = impact.limb[0] + (amount_bits(&left) > 0);
    return share(&paid, &market->reserve_out, &full, amount_out, &left) && amount_bits(amount_out) > 0;
}

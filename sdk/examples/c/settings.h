// What the daemon's configuration asks for, and the venues that are made of it.
//
//     [venues.NAME.config]
//     swapsOn = "paper-beta"    # the paper venue whose pools the chain performs the swaps in
//     pools = [{ tokens = ["SOL", "USDC"], reserves = ["40000", "6000000"] }]    # in whole tokens, as texts
//     feeBps = 30
#ifndef SETTINGS_H
#define SETTINGS_H

#include "json.h"
#include "pool.h"
#include "text.h"

#define SETTINGS_MAX_VENUES 64
#define SETTINGS_MAX_POOLS 64

struct pool {
    struct json addresses[2]; // of the two tokens
    struct amount reserves[2];
};

struct venue {
    struct json name;
    struct json swaps_on;
    unsigned fee_bps;
    size_t pool_count;
    struct pool pools[SETTINGS_MAX_POOLS];
};

// All zeros are none. Everything in it points into the JSON that it was read from.
struct settings {
    size_t venue_count;
    struct venue *venues[SETTINGS_MAX_VENUES];
};

// Reads a configuration. Every mistake is written down, under its key path; without one the settings can be
// used.
void settings_read(struct settings *settings, struct json config, struct text *mistakes);

void settings_free(struct settings *settings);

// The venue of this name, or NULL.
const struct venue *settings_venue(const struct settings *settings, const char *name, size_t len);

// The market of a venue where one token is sold for the other; false when it has none.
bool venue_market(const struct venue *venue, struct json sold_address, struct json bought_address,
                  struct market *out);

#endif

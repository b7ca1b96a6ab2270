#include "settings.h"

#include <stdlib.h>
#include <string.h>

// Where in the configuration the reader is: `venues.NAME.config` and the key below it.
struct place {
    struct json venue;
    struct text *mistakes;
};

static void begin_note(struct place place) {
    if (place.mistakes->len > 0) text_add(place.mistakes, "; ", NULL);
    text_add(place.mistakes, "venues.", NULL);
    text_inside(place.mistakes, place.venue);
}

// Writes `venues.NAME.KEY: WHAT`.
static void note(struct place place, const char *key, const char *what) {
    begin_note(place);
    text_add(place.mistakes, ".", key, ": ", what, NULL);
}

static void note_unknown(struct place place, struct json key) {
    begin_note(place);
    text_add(place.mistakes, ".config.", NULL);
    text_inside(place.mistakes, key);
    text_add(place.mistakes, ": unknown key", NULL);
}

static bool read_units(struct json value, unsigned decimals, struct amount *out) {
    char digits[AMOUNT_DIGITS];
    size_t len;
    return json_text(value, digits, sizeof digits, &len) && amount_read_units(digits, len, decimals, out) &&
           amount_bits(out) > 0 && amount_bits(out) <= POOL_RESERVE_BITS;
}

// The address and decimals of the token with this symbol.
static bool find_token(struct json tokens, struct json symbol, struct json *address, uint64_t *decimals) {
    struct json token, other;
    while (json_next_item(&tokens, &token)) {
        bool is_it = json_member(token, "symbol", &other) && json_same(other, symbol);
        if (is_it)
            return json_member(token, "address", address) && json_is_string(*address) &&
                   json_member(token, "decimals", &other) && json_unsigned(other, UINT8_MAX, decimals);
    }
    return false;
}

// Exactly two items.
static bool read_pair(struct json value, struct json pair[2]) {
    struct json more;
    return json_is_array(value) && json_next_item(&value, &pair[0]) && json_next_item(&value, &pair[1]) &&
           !json_next_item(&value, &more);
}

static bool read_pool(struct json value, struct json tokens, struct pool *out) {
    struct json found, symbols[2], reserves[2];
    uint64_t decimals;
    if (!json_member(value, "tokens", &found) || !read_pair(found, symbols)) return false;
    if (!json_member(value, "reserves", &found) || !read_pair(found, reserves)) return false;
    for (unsigned side = 0; side < 2; side++)
        if (!find_token(tokens, symbols[side], &out->addresses[side], &decimals) ||
            !read_units(reserves[side], (unsigned)decimals, &out->reserves[side]))
            return false;
    return !json_same(out->addresses[0], out->addresses[1]);
}

static void read_pools(struct venue *venue, struct json list, struct json tokens, struct place place) {
    struct json item, rest = list;
    if (!json_is_array(list) || !json_next_item(&rest, &item)) {
        note(place, "config.pools", "expected a list with one pool at least");
        return;
    }
    while (json_next_item(&list, &item)) {
        if (venue->pool_count == SETTINGS_MAX_POOLS) {
            note(place, "config.pools", "more than 64");
            return;
        }
        if (read_pool(item, tokens, &venue->pools[venue->pool_count])) venue->pool_count++;
        else
            note(place, "config.pools",
                 "each has two tokens of the chain, and two reserves above zero as texts");
    }
}

static void read_key(struct venue *venue, struct json key, struct json value, struct json tokens,
                     struct place place) {
    uint64_t number;
    if (json_is(key, "swapsOn", 7)) {
        venue->swaps_on = value;
        if (!json_is_string(value)) note(place, "config.swapsOn", "expected the name of a paper venue");
    } else if (json_is(key, "feeBps", 6)) {
        if (json_unsigned(value, POOL_BPS - 1, &number)) venue->fee_bps = (unsigned)number;
        else note(place, "config.feeBps", "expected a whole number up to 9999");
    } else if (json_is(key, "pools", 5)) {
        read_pools(venue, value, tokens, place);
    } else {
        note_unknown(place, key);
    }
}

static void read_venue(struct venue *venue, struct json value, struct place place) {
    struct json tokens, keys, key, part;
    venue->name = place.venue;
    venue->fee_bps = 30;
    bool is_whole = json_member(value, "tokens", &tokens) && json_is_array(tokens) &&
                    json_member(value, "settings", &keys);
    if (!is_whole) {
        note(place, "tokens", "the daemon sent none");
        return;
    }
    if (!json_is_object(keys)) {
        note(place, "config", "expected a table");
        return;
    }
    struct json rest = keys;
    while (json_next_member(&rest, &key, &part)) read_key(venue, key, part, tokens, place);
    if (!venue->swaps_on.at) note(place, "config.swapsOn", "missing, expected the name of a paper venue");
    if (!json_member(keys, "pools", &part)) note(place, "config.pools", "one pool is needed at least");
}

void settings_read(struct settings *settings, struct json config, struct text *mistakes) {
    struct json venues, chains, name, value;
    bool is_whole = json_member(config, "chains", &chains) && json_is_object(chains) &&
                    json_member(config, "venues", &venues) && json_is_object(venues);
    if (!is_whole) {
        text_add(mistakes, "the configuration has no chains or venues", NULL);
        return;
    }
    while (json_next_member(&chains, &name, &value)) {
        text_add(mistakes, mistakes->len > 0 ? "; chains." : "chains.", NULL);
        text_inside(mistakes, name);
        text_add(mistakes, ": this plugin has venues only", NULL);
    }
    while (json_next_member(&venues, &name, &value)) {
        struct venue *made = settings->venue_count < SETTINGS_MAX_VENUES ? calloc(1, sizeof *made) : NULL;
        if (!made) {
            text_add(mistakes, "too many venues", NULL);
            return;
        }
        settings->venues[settings->venue_count++] = made;
        read_venue(made, value, (struct place){name, mistakes});
    }
}

void settings_free(struct settings *settings) {
    for (size_t at = 0; at < settings->venue_count; at++) free(settings->venues[at]);
    settings->venue_count = 0;
}

const struct venue *settings_venue(const struct settings *settings, const char *name, size_t len) {
    for (size_t at = 0; at < settings->venue_count; at++)
        if (json_is(settings->venues[at]->name, name, len)) return settings->venues[at];
    return NULL;
}

bool venue_market(const struct venue *venue, struct json sold_address, struct json bought_address,
                  struct market *out) {
    for (size_t at = 0; at < venue->pool_count; at++) {
        const struct pool *pool = &venue->pools[at];
        for (unsigned side = 0; side < 2; side++)
            if (json_same(pool->addresses[side], sold_address) &&
                json_same(pool->addresses[1 - side], bought_address)) {
                *out = (struct market){pool->reserves[side], pool->reserves[1 - side], venue->fee_bps};
                return true;
            }
    }
    return false;
}

#include "methods.h"

#include <string.h>

// What `venue.quote` and `venue.build` are asked, as far as both are asked the same.
struct swap {
    struct json trader;
    struct json sold_symbol, sold_address;
    struct json bought_symbol, bought_address;
    struct amount amount_in;
};

static void refuse(struct answer *answer, orderd_status status) {
    answer->refused = true;
    answer->status = status;
}

static bool read_text(struct json from, const char *name, struct json *out) {
    return json_member(from, name, out) && json_is_string(*out);
}

static bool read_number(struct json from, const char *name, uint64_t max, struct json *out) {
    uint64_t number;
    return json_member(from, name, out) && json_unsigned(*out, max, &number);
}

static bool read_amount(struct json from, const char *name, struct amount *out) {
    char digits[AMOUNT_DIGITS];
    size_t len;
    struct json value;
    return json_member(from, name, &value) && json_text(value, digits, sizeof digits, &len) &&
           amount_read(digits, len, out);
}

static bool read_token(struct json from, const char *name, struct json *symbol, struct json *address) {
    struct json token, decimals;
    return json_member(from, name, &token) && read_text(token, "symbol", symbol) &&
           read_text(token, "address", address) && read_number(token, "decimals", UINT8_MAX, &decimals);
}

static bool read_swap(struct json from, struct swap *out) {
    return read_text(from, "trader", &out->trader) &&
           read_token(from, "tokenIn", &out->sold_symbol, &out->sold_address) &&
           read_token(from, "tokenOut", &out->bought_symbol, &out->bought_address) &&
           read_amount(from, "amountIn", &out->amount_in);
}

// Begins a failure that trying again does not mend; the words follow, and then `"}`.
static void fail(struct answer *answer, const char *why) {
    answer->status = ORDERD_ERROR;
    text_add(&answer->reply, "{\"kind\":\"permanent\",\"message\":\"", why, NULL);
}

// Names go from JSON to JSON as they stand: their escapes are right in both.
static void no_pool(struct answer *answer, const struct swap *swap) {
    fail(answer, "no pool for ");
    text_inside(&answer->reply, swap->sold_symbol);
    text_add(&answer->reply, " and ", NULL);
    text_inside(&answer->reply, swap->bought_symbol);
    text_add(&answer->reply, "\"}", NULL);
}

static void write_quote(struct text *to, const struct swap *swap, const struct amount *amount_out,
                        uint32_t impact_ppm) {
    struct amount nothing = amount_of(0);
    text_add(to, "{", NULL);
    text_member(to, "amountOut"), text_amount(to, amount_out);
    text_member(to, "networkCost"), text_amount(to, &nothing);
    text_member(to, "priceImpactPpm"), text_number(to, impact_ppm);
    text_member(to, "route"), text_add(to, "[", NULL);
    text_json(to, swap->sold_symbol), text_add(to, ",", NULL), text_json(to, swap->bought_symbol);
    text_add(to, "]}", NULL);
}

static void quote(struct answer *answer, const struct venue *venue, struct json request) {
    struct swap swap;
    struct market market;
    struct amount amount_out;
    uint32_t impact_ppm;
    if (!read_swap(request, &swap)) refuse(answer, ORDERD_BAD_REQUEST);
    else if (!venue_market(venue, swap.sold_address, swap.bought_address, &market)) no_pool(answer, &swap);
    else if (!market_quote(&market, &swap.amount_in, &amount_out, &impact_ppm))
        fail(answer, "the amount is too small or too large for the pool\"}");
    else write_quote(&answer->reply, &swap, &amount_out, impact_ppm);
}

// The payload is a swap as the paper chain reads it, which enforces `minOut` and `deadline`.
static void build(struct answer *answer, const struct venue *venue, struct json request) {
    struct swap swap;
    struct market market;
    struct amount min_out;
    struct json deadline, route;
    struct text *to = &answer->reply;
    bool is_whole = read_swap(request, &swap) && read_amount(request, "minOut", &min_out) &&
                    read_number(request, "deadline", UINT64_MAX, &deadline) &&
                    json_member(request, "route", &route);
    if (!is_whole) {
        refuse(answer, ORDERD_BAD_REQUEST);
        return;
    }
    if (!venue_market(venue, swap.sold_address, swap.bought_address, &market)) {
        no_pool(answer, &swap);
        return;
    }
    text_add(to, "{\"kind\":\"swap\",\"payload\":{", NULL);
    text_member(to, "venue"), text_json(to, venue->swaps_on);
    text_member(to, "trader"), text_json(to, swap.trader);
    text_member(to, "tokenIn"), text_json(to, swap.sold_address);
    text_member(to, "tokenOut"), text_json(to, swap.bought_address);
    text_member(to, "amountIn"), text_amount(to, &swap.amount_in);
    text_member(to, "minOut"), text_amount(to, &min_out);
    text_member(to, "deadline"), text_json(to, deadline);
    text_add(to, "}}", NULL);
}

static void health(struct answer *answer, const struct venue *venue, struct json request) {
    (void)request;
    text_add(&answer->reply, "{\"detail\":\"", NULL);
    text_number(&answer->reply, (uint32_t)venue->pool_count);
    text_add(&answer->reply, " pools in C\"}", NULL);
}

static void describe(struct answer *answer, const struct settings *settings) {
    text_add(&answer->reply, "{\"chains\":[],\"venues\":[", NULL);
    for (size_t at = 0; at < settings->venue_count; at++) {
        if (at > 0) text_add(&answer->reply, ",", NULL);
        text_json(&answer->reply, settings->venues[at]->name);
    }
    text_add(&answer->reply, "]}", NULL);
}

typedef void venue_method(struct answer *answer, const struct venue *venue, struct json request);

static bool is(orderd_bytes text, const char *word) {
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

// The method of a venue, or NULL.
static venue_method *find_method(orderd_bytes name) {
    if (is(name, ORDERD_METHOD_VENUE_QUOTE)) return quote;
    if (is(name, ORDERD_METHOD_VENUE_BUILD)) return build;
    if (is(name, ORDERD_METHOD_VENUE_HEALTH)) return health;
    return NULL;
}

void methods_answer(struct answer *answer, const struct settings *settings, orderd_bytes method,
                    orderd_bytes target, orderd_bytes request) {
    struct json asked;
    bool is_describe = is(method, ORDERD_METHOD_DESCRIBE);
    venue_method *run = find_method(method);
    const struct venue *venue = settings_venue(settings, (const char *)target.ptr, target.len);
    bool is_object = json_read((const char *)request.ptr, request.len, &asked) && json_is_object(asked);
    if (!is_describe && !run) refuse(answer, ORDERD_UNSUPPORTED);
    else if (!is_object || (run && !venue)) refuse(answer, ORDERD_BAD_REQUEST);
    else if (is_describe) describe(answer, settings);
    else run(answer, venue, asked);
}

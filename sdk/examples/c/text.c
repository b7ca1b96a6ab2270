#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct text *to, size_t len) {
    if (len <= to->room - to->len) return true;
    size_t room = to->len + len < 256 ? 256 : 2 * (to->len + len);
    char *at = realloc(to->at, room);
    if (!at) return false;
    to->at = at;
    to->room = room;
    return true;
}

void text_bytes(struct text *to, const char *bytes, size_t len) {
    to->failed = to->failed || !make_room(to, len);
    if (to->failed || len == 0) return;
    memcpy(to->at + to->len, bytes, len);
    to->len += len;
}

void text_add(struct text *to, ...) {
    va_list pieces;
    va_start(pieces, to);
    for (const char *piece; (piece = va_arg(pieces, const char *)) != NULL;)
        text_bytes(to, piece, strlen(piece));
    va_end(pieces);
}

void text_member(struct text *to, const char *name) {
    bool is_first = to->len > 0 && to->at[to->len - 1] == '{';
    text_add(to, is_first ? "\"" : ",\"", name, "\":", NULL);
}

static void add_digits(struct text *to, const struct amount *amount) {
    char digits[AMOUNT_DIGITS];
    size_t len = amount_write(amount, digits);
    text_bytes(to, digits, len);
}

void text_amount(struct text *to, const struct amount *amount) {
    text_add(to, "\"", NULL);
    add_digits(to, amount);
    text_add(to, "\"", NULL);
}

void text_number(struct text *to, uint32_t number) {
    struct amount amount = amount_of(number);
    add_digits(to, &amount);
}

void text_json(struct text *to, struct json value) {
    text_bytes(to, value.at, (size_t)(value.end - value.at));
}

void text_inside(struct text *to, struct json string) {
    text_json(to, (struct json){string.at + 1, string.end - 1});
}

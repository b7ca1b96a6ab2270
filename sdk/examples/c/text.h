// A text that grows. When memory runs out it says so once, at the end.
#ifndef TEXT_H
#define TEXT_H

#include "amount.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>

// Begin with all zeros; `at` is to be freed.
struct text {
    char *at;
    size_t len;
    size_t room;
    bool failed;
};

void text_bytes(struct text *to, const char *bytes, size_t len);

// Adds terminated pieces, up to a NULL.
void text_add(struct text *to, ...);

// Begins a member of an object: a comma where one is before it, its name and the colon.
void text_member(struct text *to, const char *name);

// Adds an amount as the interface has it, a text of digits.
void text_amount(struct text *to, const struct amount *amount);

void text_number(struct text *to, uint32_t number);

// Adds JSON as it stands.
void text_json(struct text *to, struct json value);

// Adds what is between the quotes of a string: right within another string.
void text_inside(struct text *to, struct json string);

#endif

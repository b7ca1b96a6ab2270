// A reader of JSON that allocates nothing: json_read checks a whole text once, and what is asked of it
// afterwards points into it.
//
// Its limits: it nests no deeper than JSON_DEPTH, where a member is there twice the first one counts, and
// numbers are read only where they are unsigned integers without an exponent. Each look-up walks the text
// again: for small messages.
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH 64

// A value within a text that json_read has passed, without the space around it. It lives as long as the text
// does.
struct json {
    const char *at;
    const char *end;
};

// Checks that this is one JSON value in UTF-8 (RFC 8259), with nothing behind it.
bool json_read(const char *text, size_t len, struct json *out);

bool json_is_object(struct json value);
bool json_is_array(struct json value);
bool json_is_string(struct json value);

// Takes the first part off an object or array; false when there is none left. Begin with a copy of the value.
bool json_next_member(struct json *object, struct json *name, struct json *value);
bool json_next_item(struct json *array, struct json *item);

// The member of this name; false when there is none, or the value is no object.
bool json_member(struct json object, const char *name, struct json *out);

// Whether two strings are the same text, however they are written.
bool json_same(struct json a, struct json b);

// Whether a string is this text.
bool json_is(struct json string, const char *text, size_t len);

// The text of a string, not terminated; false when it is no string, or longer than the room.
bool json_text(struct json string, char *out, size_t room, size_t *len);

// An unsigned integer up to a limit; false for anything else.
bool json_unsigned(struct json value, uint64_t max, uint64_t *out);

#endif

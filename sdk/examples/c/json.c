// Each scan_… takes what it is named after off the front of a text, and says where that ends, or NULL where
// it is not JSON.
#include "json.h"

#include <string.h>

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

static bool is_digit(const char *at, const char *end) { return at < end && *at >= '0' && *at <= '9'; }

// One character in UTF-8, in its shortest form and not half of a pair.
static const char *scan_utf8(const char *at, const char *end, uint32_t *code) {
    static const uint32_t LEAST[] = {0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*at++;
    unsigned more = first < 0x80   ? 0
                    : first < 0xc0 ? 4
                    : first < 0xe0 ? 1
                    : first < 0xf0 ? 2
                    : first < 0xf8 ? 3
                                   : 4;
    if (more > 3 || (size_t)(end - at) < more) return NULL;
    *code = more == 0 ? first : first & (0x3fu >> more);
    for (unsigned left = more; left > 0; left--, at++) {
        if (((unsigned char)*at & 0xc0) != 0x80) return NULL;
        *code = *code << 6 | ((unsigned char)*at & 0x3f);
    }
    bool is_surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code < LEAST[more] || *code > 0x10ffff || is_surrogate ? NULL : at;
}

static const char *scan_hex(const char *at, const char *end, uint32_t *code) {
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    if (end - at < 4) return NULL;
    *code = 0;
    for (unsigned digit = 0; digit < 4; digit++, at++) {
        const char *found = memchr(DIGITS, *at, sizeof DIGITS - 1);
        if (!found) return NULL;
        *code = *code << 4 | (uint32_t)((found - DIGITS) % 16);
    }
    return at;
}

// What follows `\u`: a character, or the two halves of one.
static const char *scan_unicode(const char *at, const char *end, uint32_t *code) {
    uint32_t low;
    at = scan_hex(at, end, code);
    if (!at || *code < 0xd800 || *code > 0xdfff) return at;
    if (*code > 0xdbff || end - at < 2 || at[0] != '\\' || at[1] != 'u') return NULL;
    at = scan_hex(at + 2, end, &low);
    if (!at || low < 0xdc00 || low > 0xdfff) return NULL;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return at;
}

// One character of a string, as it is meant.
static const char *scan_character(const char *at, const char *end, uint32_t *code) {
    static const char NAMES[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
    if (at == end || (unsigned char)*at < 0x20) return NULL;
    if (*at != '\\') return scan_utf8(at, end, code);
    if (++at == end) return NULL;
    if (*at == 'u') return scan_unicode(at + 1, end, code);
    const char *name = memchr(NAMES, *at, sizeof NAMES - 1);
    if (!name) return NULL;
    *code = (unsigned char)MEANT[name - NAMES];
    return at + 1;
}

static const char *scan_string(const char *at, const char *end) {
    uint32_t code;
    if (at == end || *at != '"') return NULL;
    at++;
    while (at && at < end && *at != '"') at = scan_character(at, end, &code);
    return at && at < end ? at + 1 : NULL;
}

static const char *scan_digits(const char *at, const char *end) {
    if (!is_digit(at, end)) return NULL;
    while (is_digit(at, end)) at++;
    return at;
}

static const char *scan_number(const char *at, const char *end) {
    if (at < end && *at == '-') at++;
    bool has_more = at < end && *at != '0';
    at = has_more ? scan_digits(at, end) : at < end ? at + 1 : NULL;
    if (at && at < end && *at == '.') at = scan_digits(at + 1, end);
    if (at && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        at = scan_digits(at, end);
    }
    return at;
}

static const char *scan_word(const char *at, const char *end) {
    static const char *const WORDS[] = {"true", "false", "null"};
    for (unsigned word = 0; word < 3; word++) {
        size_t len = strlen(WORDS[word]);
        if ((size_t)(end - at) >= len && memcmp(at, WORDS[word], len) == 0) return at + len;
    }
    return NULL;
}

static const char *scan_value(const char *at, const char *end, unsigned depth);

// The name of a member, and the colon.
static const char *scan_name(const char *at, const char *end) {
    at = scan_string(skip_space(at, end), end);
    if (at) at = skip_space(at, end);
    return at && at < end && *at == ':' ? at + 1 : NULL;
}

// An object or array, which `at` begins.
static const char *scan_list(const char *at, const char *end, unsigned depth) {
    bool has_names = *at == '{';
    char closing = has_names ? '}' : ']';
    at = skip_space(at + 1, end);
    if (at < end && *at == closing) return at + 1;
    while (at) {
        if (has_names) at = scan_name(at, end);
        if (at) at = scan_value(skip_space(at, end), end, depth + 1);
        if (at) at = skip_space(at, end);
        if (!at || at == end) return NULL;
        if (*at == closing) return at + 1;
        if (*at != ',') return NULL;
        at++;
    }
    return NULL;
}

static const char *scan_value(const char *at, const char *end, unsigned depth) {
    if (at == end || depth > JSON_DEPTH) return NULL;
    switch (*at) {
    case '{':
    case '[': return scan_list(at, end, depth);
    case '"': return scan_string(at, end);
    case 't':
    case 'f':
    case 'n': return scan_word(at, end);
    default: return scan_number(at, end);
    }
}

bool json_read(const char *text, size_t len, struct json *out) {
    if (len == 0) return false;
    const char *end = text + len;
    out->at = skip_space(text, end);
    out->end = scan_value(out->at, end, 0);
    return out->end && skip_space(out->end, end) == end;
}

bool json_is_object(struct json value) { return *value.at == '{'; }
bool json_is_array(struct json value) { return *value.at == '['; }
bool json_is_string(struct json value) { return *value.at == '"'; }

// Moves past the bracket or comma to the next part; false at the end.
static bool begin_part(struct json *list) {
    list->at = skip_space(list->at + 1, list->end);
    return list->at < list->end && *list->at != '}' && *list->at != ']';
}

// Takes a value off the front; a comma or the closing bracket is next.
static void take_value(struct json *list, struct json *value) {
    value->at = skip_space(list->at, list->end);
    value->end = scan_value(value->at, list->end, 0);
    list->at = skip_space(value->end, list->end);
}

bool json_next_member(struct json *object, struct json *name, struct json *value) {
    if (object->at >= object->end || !begin_part(object)) return false;
    take_value(object, name);
    object->at++;
    take_value(object, value);
    return true;
}

bool json_next_item(struct json *array, struct json *item) {
    if (array->at >= array->end || !begin_part(array)) return false;
    take_value(array, item);
    return true;
}

bool json_member(struct json object, const char *name, struct json *out) {
    struct json found, value;
    if (!json_is_object(object)) return false;
    while (json_next_member(&object, &found, &value))
        if (json_is(found, name, strlen(name))) {
            *out = value;
            return true;
        }
    return false;
}

bool json_same(struct json a, struct json b) {
    uint32_t one, other;
    if (!json_is_string(a) || !json_is_string(b)) return false;
    const char *left = a.at + 1, *right = b.at + 1, *left_end = a.end - 1, *right_end = b.end - 1;
    while (left < left_end && right < right_end) {
        left = scan_character(left, left_end, &one);
        right = scan_character(right, right_end, &other);
        if (one != other) return false;
    }
    return left == left_end && right == right_end;
}

bool json_is(struct json string, const char *text, size_t len) {
    uint32_t one, other;
    if (!json_is_string(string)) return false;
    const char *at = string.at + 1, *end = string.end - 1, *text_end = text + len;
    while (at < end && text && text < text_end) {
        at = scan_character(at, end, &one);
        text = scan_utf8(text, text_end, &other);
        if (!text || one != other) return false;
    }
    return at == end && text == text_end;
}

// Writes a character in UTF-8, and says how many bytes it takes.
static size_t write_utf8(uint32_t code, char out[4]) {
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char MARKS[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t at = more; at > 0; at--, code >>= 6) out[at] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(MARKS[more] | code);
    return more + 1;
}

bool json_text(struct json string, char *out, size_t room, size_t *len) {
    uint32_t code;
    char bytes[4];
    *len = 0;
    if (!json_is_string(string)) return false;
    for (const char *at = string.at + 1, *end = string.end - 1; at < end;) {
        at = scan_character(at, end, &code);
        size_t count = write_utf8(code, bytes);
        if (count > room - *len) return false;
        memcpy(out + *len, bytes, count);
        *len += count;
    }
    return true;
}

bool json_unsigned(struct json value, uint64_t max, uint64_t *out) {
    *out = 0;
    for (const char *at = value.at; at < value.end; at++) {
        if (!is_digit(at, value.end)) return false;
        uint64_t digit = (uint64_t)(*at - '0');
        if (digit > max || *out > (max - digit) / 10) return false;
        *out = *out * 10 + digit;
    }
    return true;
}

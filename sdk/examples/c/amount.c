// Schoolbook arithmetic on 32-bit limbs.
#include "amount.h"

#include <string.h>

struct amount amount_of(uint32_t number) {
    struct amount made = {{0}};
    made.limb[0] = number;
    return made;
}

unsigned amount_bits(const struct amount *number) {
    for (unsigned at = AMOUNT_LIMBS; at > 0; at--) {
        uint32_t limb = number->limb[at - 1];
        unsigned bits = 0;
        for (; limb != 0; limb >>= 1) bits++;
        if (bits > 0) return (at - 1) * 32 + bits;
    }
    return 0;
}

bool amount_add(const struct amount *a, const struct amount *b, struct amount *sum) {
    uint64_t carry = 0;
    for (unsigned at = 0; at < AMOUNT_LIMBS; at++) {
        carry += (uint64_t)a->limb[at] + b->limb[at];
        sum->limb[at] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

bool amount_multiply(const struct amount *a, const struct amount *b, struct amount *product) {
    uint32_t wide[2 * AMOUNT_LIMBS] = {0};
    for (unsigned low = 0; low < AMOUNT_LIMBS; low++) {
        uint64_t carry = 0;
        for (unsigned high = 0; high < AMOUNT_LIMBS; high++) {
            carry += (uint64_t)a->limb[low] * b->limb[high] + wide[low + high];
            wide[low + high] = (uint32_t)carry;
            carry >>= 32;
        }
        wide[low + AMOUNT_LIMBS] = (uint32_t)carry;
    }
    memcpy(product->limb, wide, sizeof product->limb);
    for (unsigned at = AMOUNT_LIMBS; at < 2 * AMOUNT_LIMBS; at++)
        if (wide[at] != 0) return false;
    return true;
}

static bool is_less(const struct amount *a, const struct amount *b) {
    for (unsigned at = AMOUNT_LIMBS; at > 0; at--)
        if (a->limb[at - 1] != b->limb[at - 1]) return a->limb[at - 1] < b->limb[at - 1];
    return false;
}

static void subtract(struct amount *from, const struct amount *what) {
    uint64_t borrow = 0;
    for (unsigned at = 0; at < AMOUNT_LIMBS; at++) {
        uint64_t difference = (uint64_t)from->limb[at] - what->limb[at] - borrow;
        from->limb[at] = (uint32_t)difference;
        borrow = difference >> 63;
    }
}

// Twice the number, and a bit. What falls out at the top is lost.
static void shift_in(struct amount *number, uint32_t bit) {
    for (unsigned at = 0; at < AMOUNT_LIMBS; at++) {
        uint32_t out = number->limb[at] >> 31;
        number->limb[at] = number->limb[at] << 1 | bit;
        bit = out;
    }
}

void amount_divide(const struct amount *number, const struct amount *divisor, struct amount *quotient,
                   struct amount *remainder) {
    struct amount rest = amount_of(0), parts = amount_of(0);
    for (unsigned at = amount_bits(number); at > 0; at--) {
        // The rest is less than the divisor: where its top bit is lost, it is the larger one all the same.
        bool above = rest.limb[AMOUNT_LIMBS - 1] >> 31;
        shift_in(&rest, number->limb[(at - 1) / 32] >> (at - 1) % 32 & 1);
        bool fits = above || !is_less(&rest, divisor);
        if (fits) subtract(&rest, divisor);
        shift_in(&parts, fits);
    }
    *quotient = parts;
    *remainder = rest;
}

static bool append_digit(struct amount *number, char digit) {
    struct amount ten = amount_of(10), more = amount_of((uint32_t)(digit - '0'));
    return digit >= '0' && digit <= '9' && amount_multiply(number, &ten, number) &&
           amount_add(number, &more, number) && amount_bits(number) <= AMOUNT_BITS;
}

bool amount_read(const char *digits, size_t len, struct amount *out) {
    *out = amount_of(0);
    for (size_t at = 0; at < len; at++)
        if (!append_digit(out, digits[at])) return false;
    return len > 0;
}

bool amount_read_units(const char *text, size_t len, unsigned decimals, struct amount *out) {
    const char *point = memchr(text, '.', len);
    size_t whole = point ? (size_t)(point - text) : len;
    size_t fraction = point ? len - whole - 1 : 0;
    if (!amount_read(text, whole, out) || (point && fraction == 0)) return false;
    for (size_t at = 0; at < fraction; at++) {
        char digit = text[whole + 1 + at];
        if (at >= decimals && digit != '0') return false;
        if (at < decimals && !append_digit(out, digit)) return false;
    }
    for (size_t missing = fraction; missing < decimals; missing++)
        if (!append_digit(out, '0')) return false;
    return true;
}

// Divides by ten, and says what is left.
static uint32_t take_digit(struct amount *number) {
    uint64_t rest = 0;
    for (unsigned at = AMOUNT_LIMBS; at > 0; at--) {
        rest = rest << 32 | number->limb[at - 1];
        number->limb[at - 1] = (uint32_t)(rest / 10);
        rest %= 10;
    }
    return (uint32_t)rest;
}

size_t amount_write(const struct amount *number, char digits[AMOUNT_DIGITS]) {
    char backwards[AMOUNT_DIGITS];
    struct amount rest = *number;
    size_t count = 0;
    do backwards[count++] = (char)('0' + take_digit(&rest));
    while (amount_bits(&rest) > 0);
    for (size_t at = 0; at < count; at++) digits[at] = backwards[count - 1 - at];
    return count;
}

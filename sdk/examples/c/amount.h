// Exact unsigned integers of 512 bits: amounts of 256, and room for their products. What does not fit is
// refused, never cut.
#ifndef AMOUNT_H
#define AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMOUNT_LIMBS 16
// No amount on the interface has more bits.
#define AMOUNT_BITS 256
// Digits of the largest number, 2^512 - 1.
#define AMOUNT_DIGITS 155

struct amount {
    uint32_t limb[AMOUNT_LIMBS]; // the least significant first
};

struct amount amount_of(uint32_t number);

// The position of the highest bit that is set, counted from one; zero for zero.
unsigned amount_bits(const struct amount *number);

// Each is false when the result does not fit.
bool amount_add(const struct amount *a, const struct amount *b, struct amount *sum);
bool amount_multiply(const struct amount *a, const struct amount *b, struct amount *product);

// Rounds down. The divisor is not zero.
void amount_divide(const struct amount *number, const struct amount *divisor, struct amount *quotient,
                   struct amount *remainder);

// Reads decimal digits: false where there is anything else, or nothing, or more than AMOUNT_BITS.
bool amount_read(const char *digits, size_t len, struct amount *out);

// Reads a decimal number such as "1.25" as units of a token with so many decimals: false where that is not
// exact, as amount_read otherwise.
bool amount_read_units(const char *text, size_t len, unsigned decimals, struct amount *out);

// Writes the digits, and says how many.
size_t amount_write(const struct amount *number, char digits[AMOUNT_DIGITS]);

#endif

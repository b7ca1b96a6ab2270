// A venue in plain C: constant-product pools in front of orderd's paper chain. This file is the interface:
// the table and its functions. Read on at methods.h (what the venue answers) and settings.h (what it is
// configured with).
//
// Everything is computed within `start`, in microseconds and without waiting. So a call is completed before
// its `start` returns, and there is never one in flight to cancel, to bound or to end. A venue that has to
// wait returns ORDERD_OK, goes on in a thread of its own and completes from there. Then it keeps the token of
// each call, completes each exactly once, also upon `cancel` and `destroy`, and answers ORDERD_BUSY above
// ORDERD_MAX_OPERATIONS.
#include "methods.h"
#include "orderd_plugin.h"

#include <stdlib.h>
#include <string.h>

// What belongs to an instance hangs on its pointer: several may exist, and nothing else is written to.
struct instance {
    const orderd_host *host;
    char *config; // what the settings point into
    struct settings settings;
};

static orderd_bytes lend(const char *at, size_t len) { return (orderd_bytes){(const uint8_t *)at, len}; }

static bool is_readable(orderd_bytes bytes) {
    return bytes.len == 0 || (bytes.ptr && bytes.len <= ORDERD_MAX_MESSAGE);
}

static void free_instance(struct instance *instance) {
    if (!instance) return;
    settings_free(&instance->settings);
    free(instance->config);
    free(instance);
}

static orderd_status fail(orderd_error_sink error, const char *why, orderd_status status) {
    if (error.write) error.write(error.ctx, lend(why, strlen(why)));
    return status;
}

// An instance that holds a copy of its configuration; NULL without memory.
static struct instance *make_instance(const orderd_host *host, orderd_bytes config) {
    struct instance *made = calloc(1, sizeof *made);
    char *copy = malloc(config.len);
    if (!made || !copy) {
        free(made);
        free(copy);
        return NULL;
    }
    memcpy(copy, config.ptr, config.len);
    made->host = host;
    made->config = copy;
    return made;
}

// Reads the settings, and tells of everything that is wrong in them.
static orderd_status configure(struct instance *instance, struct json config, orderd_error_sink error) {
    struct text mistakes = {0};
    orderd_status status = ORDERD_OK;
    settings_read(&instance->settings, config, &mistakes);
    if (mistakes.failed) status = fail(error, "out of memory", ORDERD_ERROR);
    else if (mistakes.len > 0) {
        if (error.write) error.write(error.ctx, lend(mistakes.at, mistakes.len));
        status = ORDERD_ERROR;
    }
    free(mistakes.at);
    return status;
}

static orderd_status create(const orderd_host *host, orderd_bytes config, void **out,
                            orderd_error_sink error) {
    struct json value;
    if (!host || host->size < ORDERD_HOST_SIZE_1_0)
        return fail(error, "the host's table is too small", ORDERD_BAD_REQUEST);
    if (!is_readable(config) || config.len == 0)
        return fail(error, "no configuration, or too much", ORDERD_BAD_REQUEST);
    struct instance *made = make_instance(host, config);
    if (!made) return fail(error, "out of memory", ORDERD_ERROR);
    orderd_status status = json_read(made->config, config.len, &value) && json_is_object(value)
                               ? configure(made, value, error)
                               : fail(error, "the configuration is no JSON object", ORDERD_BAD_REQUEST);
    if (status == ORDERD_OK) *out = made;
    else free_instance(made);
    return status;
}

// Never waits for anything, so the budget does not matter.
static orderd_status start(void *pointer, uint64_t op, orderd_bytes method, orderd_bytes target,
                           uint64_t budget_ns, orderd_bytes request) {
    const struct instance *instance = pointer;
    struct answer answer = {0};
    (void)budget_ns;
    if (!is_readable(method) || !is_readable(target) || !is_readable(request)) return ORDERD_BAD_REQUEST;
    methods_answer(&answer, &instance->settings, method, target, request);
    if (answer.reply.failed) {
        answer.status = ORDERD_ERROR;
        answer.reply.len = 0;
    }
    if (!answer.refused)
        instance->host->complete(instance->host->ctx, op, answer.status,
                                 lend(answer.reply.at, answer.reply.len));
    free(answer.reply.at);
    return answer.refused ? answer.status : ORDERD_OK;
}

// No call is in flight: every token is unknown, and ignored.
static void cancel(void *pointer, uint64_t op) { (void)pointer, (void)op; }

// Nothing was asked.
static void deliver(void *pointer, uint64_t op, orderd_status status, orderd_bytes reply) {
    (void)pointer, (void)op, (void)status, (void)reply;
}

static void destroy(void *pointer) { free_instance(pointer); }

static const void *extension(orderd_bytes name) {
    (void)name;
    return NULL;
}

#define DIGITS_OF(number) #number
#define DIGITS(macro) DIGITS_OF(macro)

static const char MANIFEST[] =
    "{\"name\":\"constant-product\",\"version\":\"1.0.0\",\"abiMinor\":" DIGITS(ORDERD_ABI_MINOR) "}";

static const orderd_plugin TABLE = {
    .size = sizeof(orderd_plugin),
    .abi_minor = ORDERD_ABI_MINOR,
    .manifest = {(const uint8_t *)MANIFEST, sizeof MANIFEST - 1},
    .create = create,
    .start = start,
    .cancel = cancel,
    .deliver = deliver,
    .destroy = destroy,
    .extension = extension,
};

const orderd_plugin *orderd_plugin_entry_v1(void) { return &TABLE; }

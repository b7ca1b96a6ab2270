/* The interface between orderd and a plugin, version 1.2. See docs/plugin-abi.md.
 *
 * Every pointer in an argument is borrowed until the call returns. Payloads are JSON in UTF-8, at most 4 MiB.
 * A minor version only appends to the tables: look at `size` before touching a field that 1.0 does not have. */
#ifndef ORDERD_PLUGIN_H
#define ORDERD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define ORDERD_ABI_MINOR 2u

typedef struct { const uint8_t *ptr; size_t len; } orderd_bytes;

typedef int32_t orderd_status;
enum {
    ORDERD_OK = 0,          /* done; from start and request: accepted */
    ORDERD_ERROR = 1,       /* the reply is an error as JSON */
    ORDERD_PANIC = 2,       /* the code broke; the next call may work */
    ORDERD_DEADLINE = 3,    /* the budget was used up */
    ORDERD_CANCELLED = 4,   /* cancelled, or the instance is being destroyed */
    ORDERD_UNSUPPORTED = 5, /* no such method or service */
    ORDERD_BAD_REQUEST = 6, /* not UTF-8, not the method's JSON, too large, no such target */
    ORDERD_BUSY = 7         /* from start and request only: too many in flight, nothing was begun */
};

typedef uint32_t orderd_level;
enum { ORDERD_OFF, ORDERD_LOG_ERROR, ORDERD_WARN, ORDERD_INFO, ORDERD_DEBUG, ORDERD_TRACE };

/* What the daemon offers to one instance: any thread, concurrently, from the begin of `create` until `destroy`
 * returns. Each function returns at once. */
typedef struct {
    size_t size;
    uint32_t abi_minor;
    orderd_level log_level; /* do not send records above it */
    void *ctx;              /* handed back to each function */
    void (*log)(void *ctx, orderd_level level, orderd_bytes target, orderd_bytes message);
    /* answers a `start`, exactly once */
    void (*complete)(void *ctx, uint64_t op, orderd_status status, orderd_bytes reply);
    /* asks a service; after ORDERD_OK one `deliver` follows, unless the instance is destroyed before */
    orderd_status (*request)(void *ctx, uint64_t op, orderd_bytes method, uint64_t budget_ns, orderd_bytes payload);
    const void *(*extension)(void *ctx, orderd_bytes name);
} orderd_host;

/* Takes the message of a failed `create`: on its thread, before it returns. */
typedef struct {
    void *ctx;
    void (*write)(void *ctx, orderd_bytes message);
} orderd_error_sink;

/* What a plugin offers. Every function is required. */
typedef struct {
    size_t size;
    uint32_t abi_minor;
    uint32_t reserved;      /* zero */
    orderd_bytes manifest;  /* {"name":"…","version":"…","abiMinor":2} */
    /* may block on files, not on the network; on failure nothing is to be destroyed */
    orderd_status (*create)(const orderd_host *host, orderd_bytes config, void **out, orderd_error_sink error);
    /* any thread, concurrently; returns at once. ORDERD_OK: one `complete` follows or has come; else none */
    orderd_status (*start)(void *instance, uint64_t op, orderd_bytes method, orderd_bytes target,
                           uint64_t budget_ns, orderd_bytes request);
    /* any thread, after `start` returned; the `complete` still comes. An unknown op is ignored */
    void (*cancel)(void *instance, uint64_t op);
    /* any thread, possibly before `request` returned. An unknown op is ignored */
    void (*deliver)(void *instance, uint64_t op, orderd_status status, orderd_bytes reply);
    /* once, while nothing else runs on the instance; completes what is in flight; may block */
    void (*destroy)(void *instance);
    const void *(*extension)(orderd_bytes name);
} orderd_plugin;

/* The one symbol that a plugin exports; the major version is in its name. */
#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
const orderd_plugin *orderd_plugin_entry_v1(void);

#endif

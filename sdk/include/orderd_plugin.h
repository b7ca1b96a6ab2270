// The interface between orderd and a plugin, version 1.2. What the methods mean and how their JSON looks:
// docs/plugin-abi.md. Made of sdk/src/abi/table.rs by `make header`: change it there.
//
// Every pointer in an argument is borrowed until the call returns: copy what you keep. Nobody frees what the other
// side allocated. Payloads are JSON in UTF-8. A minor version only appends to the tables.
#ifndef ORDERD_PLUGIN_H
#define ORDERD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The major version, which is part of ORDERD_ENTRY_SYMBOL.
#define ORDERD_ABI_MAJOR 1

// The minor version that is described here.
#define ORDERD_ABI_MINOR 2

// No payload, reply, configuration or manifest is larger, in bytes.
#define ORDERD_MAX_MESSAGE (4 << 20)

// How many operations one instance has in flight at most, in either direction.
#define ORDERD_MAX_OPERATIONS 16384

// Bytes that are borrowed until the call which carries them returns.
typedef struct orderd_bytes {
    // The first byte; may be null when `len` is zero.
    const uint8_t *ptr;
    // How many.
    size_t len;
} orderd_bytes;

// How a call ended. A plain number, since the other side may send any.
typedef int32_t orderd_status;
// Done. From `start` and `request`: accepted, one answer follows or has already come.
#define ORDERD_OK 0
// Failed; the reply is a `PluginError`.
#define ORDERD_ERROR 1
// The other side's code panicked.
#define ORDERD_PANIC 2
// The budget was used up.
#define ORDERD_DEADLINE 3
// The call was cancelled, or the instance is being destroyed.
#define ORDERD_CANCELLED 4
// No such method or service.
#define ORDERD_UNSUPPORTED 5
// Not UTF-8, not the JSON that the method takes, too large, or no such target.
#define ORDERD_BAD_REQUEST 6
// Too many operations in flight. Only returned by `start` and `request`: nothing was begun.
#define ORDERD_BUSY 7

// How severe a log record is.
typedef uint32_t orderd_level;
// Nothing at all; only as a limit.
#define ORDERD_LOG_OFF 0
// Something failed.
#define ORDERD_LOG_ERROR 1
// Something is wrong, and was dealt with.
#define ORDERD_LOG_WARN 2
// What an operator wants to know.
#define ORDERD_LOG_INFO 3
// What a developer wants to know.
#define ORDERD_LOG_DEBUG 4
// Everything.
#define ORDERD_LOG_TRACE 5

// Takes the message of a failed `create`.
typedef struct orderd_error_sink {
    // Handed back to `write`.
    void *ctx;
    // Takes UTF-8 text for people. On the thread of `create`, before it returns, at most once.
    void (*write)(void *ctx, struct orderd_bytes message);
} orderd_error_sink;

// What the host offers to one instance. Every function is required, and may be called on any thread,
// concurrently, from the begin of `create` until `destroy` returns; each returns at once.
typedef struct orderd_host {
    // Of this struct in bytes, as the host was compiled.
    size_t size;
    // The host's minor version of the interface.
    uint32_t abi_minor;
    // Records above it would be thrown away: do not send them.
    orderd_level log_level;
    // Handed back to every function.
    void *ctx;
    // Writes a record to the daemon's log.
    void (*log)(void *ctx, orderd_level level, struct orderd_bytes target, struct orderd_bytes message);
    // Answers a `start`, exactly once. The reply of ORDERD_OK is the method's JSON; of any other status a
    // `PluginError` or empty.
    void (*complete)(void *ctx, uint64_t op, orderd_status status, struct orderd_bytes reply);
    // Asks a service of the host. `op` is the plugin's token, in a number space of its own. ORDERD_OK:
    // one `deliver` follows unless the instance is destroyed before. Any other status: refused.
    orderd_status (*request)(void *ctx,
                             uint64_t op,
                             struct orderd_bytes method,
                             uint64_t budget_ns,
                             struct orderd_bytes payload);
    // A named, separately versioned addition, or null; valid until `destroy` returns.
    const void *(*extension)(void *ctx, struct orderd_bytes name);
} orderd_host;

// What a plugin offers. Every function is required.
typedef struct orderd_plugin {
    // Of this struct in bytes, as the plugin was compiled.
    size_t size;
    // The plugin's minor version of the interface.
    uint32_t abi_minor;
    // Zero.
    uint32_t reserved;
    // A `Manifest` as JSON; valid as long as the library is loaded.
    struct orderd_bytes manifest;
    // Makes an instance from a `PluginConfig` as JSON and writes it to `out`.
    // Any thread where blocking is allowed; it may read and write files but not wait for the network. `host`
    // stays valid until `destroy` has returned, and may be called from now on. When the status is not
    // ORDERD_OK, `out` is untouched, there is nothing to destroy, and `host` is not called again.
    orderd_status (*create)(const struct orderd_host *host,
                            struct orderd_bytes config,
                            void **out,
                            struct orderd_error_sink error);
    // Begins an operation and returns at once. Any thread, concurrently. `op` is the host's token: not in use
    // by this instance. ORDERD_OK: exactly one `complete` follows, possibly before `start` returns, on any
    // thread. Any other status: refused, no `complete` follows.
    orderd_status (*start)(void *instance,
                           uint64_t op,
                           struct orderd_bytes method,
                           struct orderd_bytes target,
                           uint64_t budget_ns,
                           struct orderd_bytes request);
    // Asks that an operation end early; its `complete` still comes. Any thread, after its `start` has returned;
    // returns at once. A token that is not in flight is ignored.
    void (*cancel)(void *instance, uint64_t op);
    // Answers a `request`. Any thread, possibly before `request` has returned; returns at once. A token that
    // is not in flight is ignored.
    void (*deliver)(void *instance, uint64_t op, orderd_status status, struct orderd_bytes reply);
    // Ends the instance: every operation in flight is completed with ORDERD_CANCELLED, its threads end,
    // and nothing of the host is called after it returns. Once, on any thread but the plugin's own; no other
    // call on the instance is running or follows. It may block.
    void (*destroy)(void *instance);
    // A named, separately versioned addition, or null. Any thread; valid as long as the library is loaded.
    const void *(*extension)(struct orderd_bytes name);
} orderd_plugin;

// The entry symbol's type. Any thread; returns the same table each time, valid as long as the library is loaded.
typedef const struct orderd_plugin *(*orderd_entry)(void);

// How long the tables were in version 1.0. None is shorter.
#define ORDERD_HOST_SIZE_1_0 (offsetof(orderd_host, extension) + sizeof(void *))
#define ORDERD_PLUGIN_SIZE_1_0 (offsetof(orderd_plugin, extension) + sizeof(void *))
// Whether a table has a field that came after version 1.0. Ask before touching it.
#define ORDERD_HAS(table, field) \
    ((table)->size >= (size_t)((const char *)&(table)->field - (const char *)(table)) + sizeof((table)->field))

// What the daemon asks of a plugin: the `method` of `start`.
#define ORDERD_METHOD_DESCRIBE "describe"
#define ORDERD_METHOD_VENUE_QUOTE "venue.quote"
#define ORDERD_METHOD_VENUE_BUILD "venue.build"
#define ORDERD_METHOD_VENUE_HEALTH "venue.health"
#define ORDERD_METHOD_CHAIN_ADDRESS "chain.address"
#define ORDERD_METHOD_CHAIN_LANE "chain.lane"
#define ORDERD_METHOD_CHAIN_ESTIMATE "chain.estimate"
#define ORDERD_METHOD_CHAIN_PREPARE "chain.prepare"
#define ORDERD_METHOD_CHAIN_CANCEL "chain.cancel"
#define ORDERD_METHOD_CHAIN_BUMP "chain.bump"
#define ORDERD_METHOD_CHAIN_CONSUMER "chain.consumer"
#define ORDERD_METHOD_CHAIN_SEND "chain.send"
#define ORDERD_METHOD_CHAIN_STATUS "chain.status"
#define ORDERD_METHOD_CHAIN_BALANCE "chain.balance"
#define ORDERD_METHOD_CHAIN_READ "chain.read"
#define ORDERD_METHOD_CHAIN_HEALTH "chain.health"

// What a plugin asks of the daemon: the `method` of `request`.
#define ORDERD_SERVICE_SIGN "sign"
#define ORDERD_SERVICE_CHAIN_READ "chain.read"
#define ORDERD_SERVICE_HTTP "http"
#define ORDERD_SERVICE_KV_GET "kv.get"
#define ORDERD_SERVICE_KV_PUT "kv.put"
#define ORDERD_SERVICE_KV_DELETE "kv.delete"
#define ORDERD_SERVICE_KV_LIST "kv.list"
#define ORDERD_SERVICE_TIME_NOW "time.now"
#define ORDERD_SERVICE_METRICS_RECORD "metrics.record"
#define ORDERD_SERVICE_CANCEL "cancel"

// The one symbol that a plugin exports, an `orderd_entry`; the major version is in its name.
#define ORDERD_ENTRY_SYMBOL "orderd_plugin_entry_v1"
#ifdef _WIN32
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
const orderd_plugin *orderd_plugin_entry_v1(void);

// The layout that the daemon was compiled with. Each struct and each of its fields is where Rust has it.
#if defined(__cplusplus) && __cplusplus >= 201103L
#define ORDERD_LAYOUT(name, holds) static_assert(holds, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define ORDERD_LAYOUT(name, holds) _Static_assert(holds, #name)
#else
#define ORDERD_LAYOUT(name, holds) typedef char orderd_layout_##name[(holds) ? 1 : -1]
#endif
#if UINTPTR_MAX == UINT64_MAX
ORDERD_LAYOUT(orderd_bytes, sizeof(orderd_bytes) == 16);
ORDERD_LAYOUT(orderd_bytes_ptr, offsetof(orderd_bytes, ptr) == 0);
ORDERD_LAYOUT(orderd_bytes_len, offsetof(orderd_bytes, len) == 8);
ORDERD_LAYOUT(orderd_error_sink, sizeof(orderd_error_sink) == 16);
ORDERD_LAYOUT(orderd_error_sink_ctx, offsetof(orderd_error_sink, ctx) == 0);
ORDERD_LAYOUT(orderd_error_sink_write, offsetof(orderd_error_sink, write) == 8);
ORDERD_LAYOUT(orderd_host, sizeof(orderd_host) == 56);
ORDERD_LAYOUT(orderd_host_size, offsetof(orderd_host, size) == 0);
ORDERD_LAYOUT(orderd_host_abi_minor, offsetof(orderd_host, abi_minor) == 8);
ORDERD_LAYOUT(orderd_host_log_level, offsetof(orderd_host, log_level) == 12);
ORDERD_LAYOUT(orderd_host_ctx, offsetof(orderd_host, ctx) == 16);
ORDERD_LAYOUT(orderd_host_log, offsetof(orderd_host, log) == 24);
ORDERD_LAYOUT(orderd_host_complete, offsetof(orderd_host, complete) == 32);
ORDERD_LAYOUT(orderd_host_request, offsetof(orderd_host, request) == 40);
ORDERD_LAYOUT(orderd_host_extension, offsetof(orderd_host, extension) == 48);
ORDERD_LAYOUT(orderd_plugin, sizeof(orderd_plugin) == 80);
ORDERD_LAYOUT(orderd_plugin_size, offsetof(orderd_plugin, size) == 0);
ORDERD_LAYOUT(orderd_plugin_abi_minor, offsetof(orderd_plugin, abi_minor) == 8);
ORDERD_LAYOUT(orderd_plugin_reserved, offsetof(orderd_plugin, reserved) == 12);
ORDERD_LAYOUT(orderd_plugin_manifest, offsetof(orderd_plugin, manifest) == 16);
ORDERD_LAYOUT(orderd_plugin_create, offsetof(orderd_plugin, create) == 32);
ORDERD_LAYOUT(orderd_plugin_start, offsetof(orderd_plugin, start) == 40);
ORDERD_LAYOUT(orderd_plugin_cancel, offsetof(orderd_plugin, cancel) == 48);
ORDERD_LAYOUT(orderd_plugin_deliver, offsetof(orderd_plugin, deliver) == 56);
ORDERD_LAYOUT(orderd_plugin_destroy, offsetof(orderd_plugin, destroy) == 64);
ORDERD_LAYOUT(orderd_plugin_extension, offsetof(orderd_plugin, extension) == 72);
ORDERD_LAYOUT(orderd_status, sizeof(orderd_status) == 4);
ORDERD_LAYOUT(orderd_level, sizeof(orderd_level) == 4);
ORDERD_LAYOUT(ORDERD_HOST_SIZE_1_0, ORDERD_HOST_SIZE_1_0 == 56);
ORDERD_LAYOUT(ORDERD_PLUGIN_SIZE_1_0, ORDERD_PLUGIN_SIZE_1_0 == 80);
#endif

#ifdef __cplusplus
}
#endif

#endif

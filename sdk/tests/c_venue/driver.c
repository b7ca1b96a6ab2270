// A host in C for the venue in C, linked into one program with it so that a compiler's sanitizers see every
// access, every overflow and every leak of both. It ends with 0 when all is well.
#include "orderd_plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(holds)                                                    \
    do {                                                                \
        if (!(holds)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds); \
            exit(1);                                                    \
        }                                                               \
    } while (0)

#define THREADS 8
#define CALLS 500

static const char CONFIG[] =
    "{\"chains\":{},\"dataDir\":\"/nowhere\",\"venues\":{\"pool\":{\"chain\":\"main\",\"tokens\":["
    "{\"symbol\":\"A\\u00e9\",\"address\":\"0xa\",\"decimals\":18},{\"symbol\":\"B\",\"address\":\"0xb\","
    "\"decimals\":6}],"
    "\"settings\":{\"swapsOn\":\"other\",\"feeBps\":30,\"pools\":[{\"tokens\":[\"A\xc3\xa9\",\"B\"],"
    "\"reserves\":[\"1000.5\",\"2000\"]}]}}}}";

static const char QUOTE[] =
    "{\"trader\":\"me\",\"tokenIn\":{\"symbol\":\"A\",\"address\":\"0xa\",\"decimals\":18},"
    "\"tokenOut\":{\"symbol\":\"B\",\"address\":\"0\\u0078b\",\"decimals\":6},\"amountIn\":"
    "\"1000000000000000000\","
    "\"minOut\":\"1\",\"deadline\":18446744073709551615,\"route\":[null,-1.5e+3,true,{\"a\":[]}]}";

// What one instance's host has seen. Each token is answered once.
struct host {
    orderd_host table;
    pthread_mutex_t lock;
    unsigned char answers[THREADS * CALLS];
    orderd_status last;
    char reply[4096];
};

static orderd_bytes lend(const char *at, size_t len) { return (orderd_bytes){(const uint8_t *)at, len}; }
static orderd_bytes words(const char *text) { return lend(text, strlen(text)); }

static void on_log(void *ctx, orderd_level level, orderd_bytes target, orderd_bytes message) {
    (void)ctx, (void)level, (void)target, (void)message;
}

static void on_complete(void *ctx, uint64_t op, orderd_status status, orderd_bytes reply) {
    struct host *host = ctx;
    pthread_mutex_lock(&host->lock);
    CHECK(op < THREADS * CALLS && reply.len < sizeof host->reply);
    host->answers[op]++;
    host->last = status;
    memcpy(host->reply, reply.ptr, reply.len);
    host->reply[reply.len] = 0;
    pthread_mutex_unlock(&host->lock);
}

static orderd_status on_request(void *ctx, uint64_t op, orderd_bytes method, uint64_t budget_ns,
                                orderd_bytes payload) {
    (void)ctx, (void)op, (void)method, (void)budget_ns, (void)payload;
    return ORDERD_UNSUPPORTED;
}

static const void *on_extension(void *ctx, orderd_bytes name) {
    (void)ctx, (void)name;
    return NULL;
}

static void on_error(void *ctx, orderd_bytes message) {
    CHECK(message.len > 0 && message.ptr);
    ++*(unsigned *)ctx;
}

static void set_up(struct host *host) {
    memset(host, 0, sizeof *host);
    host->table = (orderd_host){sizeof(orderd_host), ORDERD_ABI_MINOR, ORDERD_LOG_TRACE, host, on_log,
                                on_complete,         on_request,       on_extension};
    pthread_mutex_init(&host->lock, NULL);
}

// An instance, or NULL where the configuration was refused with a message. The text is copied to a place of
// its own size, so that a look beyond its end is seen.
static void *create(const orderd_plugin *plugin, struct host *host, const char *config, size_t len) {
    unsigned said = 0;
    void *instance = NULL;
    char *exact = malloc(len + !len);
    memcpy(exact, config, len);
    orderd_status status =
        plugin->create(&host->table, lend(exact, len), &instance, (orderd_error_sink){&said, on_error});
    free(exact);
    CHECK(status == ORDERD_OK ? instance && said == 0 : !instance && said == 1);
    return instance;
}

static orderd_status start(const orderd_plugin *plugin, void *instance, uint64_t op, const char *method,
                           const char *request, size_t len) {
    char *exact = malloc(len + !len);
    memcpy(exact, request, len);
    orderd_status status =
        plugin->start(instance, op, words(method), words("pool"), 1000000, lend(exact, len));
    free(exact);
    return status;
}

// Every text that is one byte away from a right one: cut off there, or with something else there.
static void disturb(const orderd_plugin *plugin, struct host *host) {
    static const char OTHERS[] = {0,   '"', '\\', '{', '}', '[',        ']',
                                  ',', ':', '9',  '-', ' ', (char)0x80, (char)0xff};
    void *instance = create(plugin, host, CONFIG, sizeof CONFIG - 1);
    for (size_t at = 0; at < sizeof QUOTE - 1; at++) {
        char text[sizeof QUOTE];
        CHECK(start(plugin, instance, 0, ORDERD_METHOD_VENUE_BUILD, QUOTE, at) == ORDERD_BAD_REQUEST);
        for (size_t other = 0; other < sizeof OTHERS; other++) {
            memcpy(text, QUOTE, sizeof text);
            text[at] = OTHERS[other];
            orderd_status status =
                start(plugin, instance, 0, ORDERD_METHOD_VENUE_BUILD, text, sizeof text - 1);
            CHECK(status == ORDERD_OK || status == ORDERD_BAD_REQUEST);
        }
    }
    plugin->destroy(instance);
    for (size_t at = 0; at < sizeof CONFIG - 1; at++) {
        char text[sizeof CONFIG];
        CHECK(!create(plugin, host, CONFIG, at));
        for (size_t other = 0; other < sizeof OTHERS; other++) {
            memcpy(text, CONFIG, sizeof text);
            text[at] = OTHERS[other];
            instance = create(plugin, host, text, sizeof text - 1);
            if (instance) plugin->destroy(instance);
        }
    }
}

static void nest(const orderd_plugin *plugin, void *instance) {
    char *deep = malloc(ORDERD_MAX_MESSAGE);
    memset(deep, '[', ORDERD_MAX_MESSAGE);
    CHECK(start(plugin, instance, 0, ORDERD_METHOD_VENUE_QUOTE, deep, ORDERD_MAX_MESSAGE) ==
          ORDERD_BAD_REQUEST);
    free(deep);
}

struct thread {
    const orderd_plugin *plugin;
    void *instance;
    uint64_t first;
};

static void *call(void *pointer) {
    struct thread *thread = pointer;
    for (uint64_t op = thread->first; op < thread->first + CALLS; op++) {
        CHECK(start(thread->plugin, thread->instance, op, ORDERD_METHOD_VENUE_QUOTE, QUOTE,
                    sizeof QUOTE - 1) == ORDERD_OK);
        thread->plugin->cancel(thread->instance, op);
    }
    return NULL;
}

// Many calls at once, each answered once.
static void crowd(const orderd_plugin *plugin, struct host *host, void *instance) {
    pthread_t ids[THREADS];
    struct thread threads[THREADS];
    memset(host->answers, 0, sizeof host->answers);
    for (unsigned at = 0; at < THREADS; at++) {
        threads[at] = (struct thread){plugin, instance, (uint64_t)at * CALLS};
        CHECK(pthread_create(&ids[at], NULL, call, &threads[at]) == 0);
    }
    for (unsigned at = 0; at < THREADS; at++) pthread_join(ids[at], NULL);
    for (unsigned op = 0; op < THREADS * CALLS; op++) CHECK(host->answers[op] == 1);
    CHECK(host->last == ORDERD_OK);
    CHECK(!strcmp(host->reply,
                  "{\"amountOut\":\"1991019\",\"networkCost\":\"0\",\"priceImpactPpm\":996,"
                  "\"route\":[\"A\",\"B\"]}"));
}

int main(void) {
    static struct host first, second;
    const orderd_plugin *plugin = orderd_plugin_entry_v1();
    CHECK(plugin == orderd_plugin_entry_v1() && plugin->size == sizeof *plugin &&
          !plugin->extension(words("any")));
    set_up(&first);
    set_up(&second);
    void *one = create(plugin, &first, CONFIG, sizeof CONFIG - 1);
    void *other = create(plugin, &second, CONFIG, sizeof CONFIG - 1);
    crowd(plugin, &first, one);
    plugin->destroy(one);
    CHECK(start(plugin, other, 3, ORDERD_METHOD_DESCRIBE, "{}", 2) == ORDERD_OK && second.answers[3] == 1);
    nest(plugin, other);
    plugin->deliver(other, 9, ORDERD_OK, words("{}"));
    plugin->destroy(other);
    disturb(plugin, &first);
    return 0;
}

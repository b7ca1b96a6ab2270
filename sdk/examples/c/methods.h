// What the venue answers. All of it is computed at once: nothing here waits.
#ifndef METHODS_H
#define METHODS_H

#include "orderd_plugin.h"
#include "settings.h"
#include "text.h"

// What becomes of a call. Begin with all zeros: completed with ORDERD_OK.
struct answer {
    bool refused; // by `start`, so that no `complete` follows
    orderd_status status;
    struct text reply;
};

// Answers a method. The bytes can be read.
void methods_answer(struct answer *answer, const struct settings *settings, orderd_bytes method,
                    orderd_bytes target, orderd_bytes request);

#endif

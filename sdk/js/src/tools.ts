/**
 * What every part of a coordinator works with.
 */

import type { Backoff } from "./backoff.js";
import type { OrderCache } from "./cache.js";
import type { OrderdClient } from "./client.js";
import type { Counters } from "./counters.js";
import type { Merge } from "./merge.js";
import type { Timers } from "./timers.js";

export interface Tools {
  readonly client: OrderdClient;
  readonly cache: OrderCache;
  readonly merge: Merge;
  readonly counters: Counters;
  readonly timers: Timers;
  readonly backoff: Backoff;
}

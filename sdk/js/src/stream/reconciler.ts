/**
 * After a gap: orders that the client believes live, but that are not among the live ones, are asked for by id.
 */

import { isOver } from "../cache.js";
import { ProblemError } from "../errors.js";
import type { Cancel } from "../timers.js";
import type { Tools } from "../tools.js";
import type { Order } from "../wire.js";

/** Requests at one time. */
const PARALLEL = 4;
const RETRY_MS = 2_000;

export class Reconciler {
  /** Orders that are not known to be as the cache has them. */
  private readonly doubtful = new Set<string>();
  private running = 0;
  private endRetry: Cancel | undefined;
  private abort = new AbortController();
  private isNewStore = false;

  constructor(
    private readonly tools: Tools,
    private readonly onSettled: () => void,
  ) {}

  /** Whether the cache is known to be right. */
  get isSettled(): boolean {
    return this.doubtful.size === 0 && this.running === 0;
  }

  /** The daemon has another store: nothing that is here can be trusted. */
  doubtEverything(): void {
    this.isNewStore = true;
  }

  /** Takes orders of a snapshot or list. */
  take(orders: Iterable<Order>, listed: Set<string>): void {
    for (const order of orders) {
      listed.add(order.id);
      this.doubtful.delete(order.id);
      if (this.isNewStore) {
        this.tools.merge.replacement(order);
      } else {
        this.tools.merge.standing(order);
      }
    }
  }

  /** The list is complete: what is missing in it has ended, or is gone. */
  complete(listed: Set<string>): void {
    for (const order of this.tools.cache.latestOrders()) {
      if (listed.has(order.id)) {
        continue;
      }
      if (!isOver(order)) {
        this.doubtful.add(order.id);
      }
      if (this.isNewStore) {
        this.tools.merge.gone(order.id);
      }
    }
    for (const id of this.tools.merge.followed()) {
      if (!listed.has(id)) {
        this.doubtful.add(id);
      }
    }
    this.isNewStore = false;
    this.pump();
  }

  stop(): void {
    this.endRetry?.();
    this.endRetry = undefined;
    this.abort.abort();
    this.abort = new AbortController();
  }

  /** Asks for what is doubtful, a few at a time. */
  pump(): void {
    this.endRetry?.();
    this.endRetry = undefined;
    for (const id of this.doubtful) {
      if (this.running === PARALLEL) {
        return;
      }
      this.doubtful.delete(id);
      this.running += 1;
      void this.fetch(id, this.abort.signal);
    }
    if (this.running === 0) {
      this.onSettled();
    }
  }

  private async fetch(id: string, signal: AbortSignal): Promise<void> {
    const isKnown = await this.ask(id, signal);
    this.running -= 1;
    if (isKnown) {
      this.pump();
    } else {
      this.doubtful.add(id);
      this.endRetry ??= signal.aborted ? undefined : this.tools.timers.after(RETRY_MS, () => this.pump());
    }
  }

  private async ask(id: string, signal: AbortSignal): Promise<boolean> {
    this.tools.counters.fetched += 1;
    try {
      this.tools.merge.answer(await this.tools.client.order(id, { signal }));
      return true;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.isPassing) {
        return false;
      }
      if (error.status === 404) {
        this.tools.merge.gone(id);
      }
      return true;
    }
  }
}

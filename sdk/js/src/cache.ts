/**
 * What everybody reads: orders, and what was handed in here and is not known to be an order yet.
 *
 * One writer stages changes; readers see them when they are published, all at once. Between two publications every
 * read gives the same objects, so that views can compare by identity.
 */

import type { OrderdError } from "./errors.js";
import { type Selector, Subscribers, type View } from "./subscribers.js";
import type { ExecuteRequest, Order } from "./wire.js";

/** An order that the daemon has. */
export interface OrderEntry {
  readonly kind: "order";
  /** The idempotency key where the order was handed in here, else its id: the same for all its life in a view. */
  readonly key: string;
  readonly order: Order;
}

/** An order that was handed in here; the daemon has not answered for good. */
export interface Submission {
  /**
   * `pending`: under way. `failed`: the daemon has refused it, nothing will be executed. `unknown`: no answer came, the
   * daemon may have it or not; hand it in again under the same key to know.
   */
  readonly kind: "pending" | "failed" | "unknown";
  /** Its idempotency key. */
  readonly key: string;
  readonly request: ExecuteRequest;
  /** Times it was sent. */
  readonly attempts: number;
  /** What came of the last time. */
  readonly problem?: OrderdError;
}

export type Entry = OrderEntry | Submission;

/** What selectors look at. */
export type Orders = Pick<OrderCache, "get" | "all" | "size">;

/** The cache as everybody but its one writer sees it. */
export type CacheReader = Orders & Pick<OrderCache, "subscribe" | "view">;

/** How many of the oldest are looked at for one that is over, before a live one is dropped. */
const EVICTION_SEARCH = 64;

export class OrderCache {
  private readonly orders = new Map<string, OrderEntry>();
  private readonly submissions = new Map<string, Submission>();
  private readonly orderOfKey = new Map<string, string>();
  private readonly staged = new Map<string, Order | undefined>();
  private readonly subscribers = new Subscribers<Orders>(this);
  private sorted: readonly Entry[] | undefined;

  constructor(
    private readonly maxOrders: number,
    private readonly schedule: () => void,
  ) {}

  /** An order by its id, or anything by the idempotency key that it was handed in with. */
  get(id: string): Entry | undefined {
    return this.orders.get(this.orderOfKey.get(id) ?? id) ?? this.submissions.get(id);
  }

  /** Everything, newest first; what the daemon has not answered for comes before its orders. */
  all(): readonly Entry[] {
    if (this.sorted === undefined) {
      // Ids are UUIDs of version 7: they sort by the time at which their orders were accepted.
      const orders = [...this.orders.values()].sort((a, b) => (a.order.id < b.order.id ? 1 : -1));
      this.sorted = [...[...this.submissions.values()].reverse(), ...orders];
    }
    return this.sorted;
  }

  /** Orders that are kept. */
  get size(): number {
    return this.orders.size;
  }

  /** Calls with the selected value each time it has changed; gives what ends that. */
  subscribe<T>(
    select: Selector<Orders, T>,
    listener: (value: T) => void,
    isEqual: (a: T, b: T) => boolean = Object.is,
  ): () => void {
    return this.subscribers.add(select, listener, isEqual);
  }

  /** The selected value in the form that React's `useSyncExternalStore` takes. */
  view<T>(select: Selector<Orders, T>, isEqual: (a: T, b: T) => boolean = Object.is): View<T> {
    return this.subscribers.view(select, isEqual);
  }

  /** The order as it will be after the next publication. */
  latest(id: string): Order | undefined {
    return this.staged.has(id) ? this.staged.get(id) : this.orders.get(id)?.order;
  }

  /** Every order as it will be after the next publication. */
  *latestOrders(): Iterable<Order> {
    for (const entry of this.orders.values()) {
      if (!this.staged.has(entry.order.id)) {
        yield entry.order;
      }
    }
    for (const order of this.staged.values()) {
      if (order !== undefined) {
        yield order;
      }
    }
  }

  /** Takes an order if it is newer than the one that is here. */
  put(order: Order): boolean {
    const known = this.latest(order.id);
    if (known !== undefined && known.seq >= order.seq) {
      return false;
    }
    this.replace(order);
    return true;
  }

  /** Takes an order whatever is here: the daemon has another store than before. */
  replace(order: Order): void {
    this.staged.set(order.id, order);
    this.schedule();
  }

  remove(id: string): void {
    this.staged.set(id, undefined);
    this.schedule();
  }

  /** Shows a submission at once. */
  show(submission: Submission): void {
    this.submissions.set(submission.key, submission);
    if (this.submissions.size > this.maxOrders) {
      const [oldest] = this.submissions.keys();
      this.submissions.delete(oldest ?? "");
    }
    this.publish();
  }

  /** Takes a submission away, if it is still there. */
  dismiss(key: string): void {
    if (this.submissions.delete(key)) {
      this.publish();
    }
  }

  submission(key: string): Submission | undefined {
    return this.submissions.get(key);
  }

  /** From now on the submission of this key is this order; it gives way when the order is there. */
  settle(key: string, orderId: string): void {
    this.orderOfKey.set(key, orderId);
    this.schedule();
  }

  /** Shows what was staged, and tells those whose values have changed. */
  publish(): void {
    for (const [id, order] of this.staged) {
      // Taken out first: what changed last is last, and what has not changed for long is dropped first.
      const key = this.orders.get(id)?.key ?? id;
      this.orders.delete(id);
      if (order !== undefined) {
        this.orders.set(id, { kind: "order", key, order });
      }
    }
    this.staged.clear();
    this.hideSettled();
    this.evict();
    this.sorted = undefined;
    this.subscribers.tell();
  }

  private hideSettled(): void {
    for (const key of this.submissions.keys()) {
      const entry = this.orders.get(this.orderOfKey.get(key) ?? "");
      if (entry !== undefined) {
        this.submissions.delete(key);
        this.orders.set(entry.order.id, { ...entry, key });
      }
    }
  }

  private evict(): void {
    while (this.orders.size > this.maxOrders) {
      const id = this.evictable();
      const key = this.orders.get(id)?.key;
      this.orders.delete(id);
      if (key !== undefined) {
        this.orderOfKey.delete(key);
      }
    }
  }

  private evictable(): string {
    let oldest: string | undefined;
    let searched = 0;
    for (const [id, { order }] of this.orders) {
      oldest ??= id;
      if (isOver(order)) {
        return id;
      }
      searched += 1;
      if (searched === EVICTION_SEARCH) {
        break;
      }
    }
    return oldest ?? "";
  }
}

/** Whether nothing more will happen to an order by itself. */
export function isOver(order: Order): boolean {
  return ["finalized", "failed", "cancelled", "expired"].includes(order.status);
}

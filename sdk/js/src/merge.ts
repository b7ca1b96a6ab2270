/**
 * What becomes of an order or an event that has come from the daemon, by whatever way.
 */

import type { OrderCache } from "./cache.js";
import type { Counters } from "./counters.js";
import { Listeners } from "./listeners.js";
import type { Order, OrderEvent } from "./wire.js";

/** Hears of one order: its event, or only that it is at this `seq`. */
export type OrderListener = (seq: number, event?: OrderEvent) => void;

export class Merge {
  /** The last event of each order that was told to listeners, or that an announced gap has passed over. */
  private readonly told = new Map<string, number>();
  private readonly listeners = new Listeners<[event: OrderEvent]>();
  private readonly followers = new Map<string, Listeners<Parameters<OrderListener>>>();

  constructor(
    private readonly cache: OrderCache,
    private readonly counters: Counters,
    private readonly maxOrders: number,
    /** Is called with each order before it is taken. */
    private readonly recognize: (order: Order) => void,
  ) {}

  /** An event from the socket. */
  event(event: OrderEvent): void {
    this.counters.events += 1;
    const told = this.told.get(event.orderId);
    if (told !== undefined && event.seq <= told) {
      this.counters.duplicates += 1;
      return;
    }
    if (told !== undefined && event.seq > told + 1) {
      this.counters.holes += 1;
    }
    this.remember(event.orderId, event.seq);
    this.recognize(event.order);
    this.cache.put(event.order);
    this.tell(event.orderId, event.seq, event);
    this.listeners.tell(event);
  }

  /** An order as it stands, in whose stead its events up to then do not come any more. */
  standing(order: Order): void {
    if (order.seq > (this.told.get(order.id) ?? 0)) {
      this.remember(order.id, order.seq);
    }
    this.answer(order);
  }

  /** An order that an answer tells of; its events still come. */
  answer(order: Order): void {
    this.recognize(order);
    if (this.cache.put(order)) {
      this.tell(order.id, order.seq);
    }
  }

  /** An order of another store than before: it may be younger than what is here. */
  replacement(order: Order): void {
    this.remember(order.id, order.seq);
    this.cache.replace(order);
    this.tell(order.id, order.seq);
  }

  /** The daemon does not have this order any more. */
  gone(id: string): void {
    this.told.delete(id);
    this.cache.remove(id);
  }

  /** Hears of every event that comes, each once. */
  onEvent(listener: (event: OrderEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  /** Hears of everything that comes of one order. */
  onOrder(id: string, listener: OrderListener): () => void {
    const followers = this.followers.get(id) ?? new Listeners();
    this.followers.set(id, followers);
    const end = followers.add(listener);
    return () => {
      end();
      if (followers.size === 0 && this.followers.get(id) === followers) {
        this.followers.delete(id);
      }
    };
  }

  /** Orders that somebody follows by themselves. */
  followed(): Iterable<string> {
    return this.followers.keys();
  }

  /** Whether an order is here, or somebody waits for it. */
  isKnown(id: string): boolean {
    return this.cache.latest(id) !== undefined || this.followers.has(id);
  }

  private tell(id: string, seq: number, event?: OrderEvent): void {
    this.followers.get(id)?.tell(seq, event);
  }

  private remember(id: string, seq: number): void {
    this.told.delete(id);
    this.told.set(id, seq);
    if (this.told.size > this.maxOrders) {
      const [oldest] = this.told.keys();
      this.told.delete(oldest ?? "");
    }
  }
}

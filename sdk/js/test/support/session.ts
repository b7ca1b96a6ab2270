/**
 * One connection of the model daemon.
 */

import type { Order, OrderEvent, OrderFilter, Socket } from "../../dist/index.js";
import { matches } from "../../dist/stream/filter.js";
import type { ClientMessage, GapReason, Subscribe } from "../../dist/stream/messages.js";
import { ENDS } from "./lives.js";
import { HEARTBEAT_MS, type Model } from "./model.js";

export class Session {
  readonly socket: Socket;
  isOpen = true;
  /** Nothing reaches the client any more, and nothing tells it. */
  isStalled = false;
  /** Each event is sent so many times. */
  copies = 1;
  /** What the client has said. */
  readonly heard: ClientMessage[] = [];
  readonly subscriptions = new Map<string, Subscribe>();
  private endHeartbeat: () => void = () => undefined;

  constructor(private readonly model: Model) {
    this.socket = {
      onmessage: null,
      onclose: null,
      send: (text) => this.hear(JSON.parse(text) as ClientMessage),
      close: () => this.end(),
    };
    queueMicrotask(() => this.greet());
  }

  say(message: object): void {
    if (!this.isOpen || this.isStalled) {
      return;
    }
    const data = JSON.stringify(message);
    // As on a wire: later, in order, and not at all after a cut.
    queueMicrotask(() => this.isOpen && !this.isStalled && this.socket.onmessage?.({ data }));
  }

  publish(event: OrderEvent, before: Order): void {
    const isWanted = [...this.subscriptions.values()].some(
      ({ topic, filter = {} }) =>
        topic === "orders" && [event.order, before].some((order) => matches(filter as OrderFilter, order)),
    );
    for (let copy = 0; isWanted && copy < this.copies; copy += 1) {
      this.say(event);
    }
  }

  /** Announces that something is missing, and begins anew. */
  gap(reason: GapReason, id = "orders"): void {
    this.say({ type: "gap", id, reason, cursor: this.model.cursor });
    this.snapshot(id);
  }

  cut(code: number): void {
    if (this.isOpen) {
      this.end();
      this.socket.onclose?.({ code, reason: "" });
    }
  }

  private end(): void {
    this.isOpen = false;
    this.endHeartbeat();
  }

  private greet(): void {
    const { epoch, cursor } = this.model;
    const limits = {
      maxMessageBytes: 1,
      maxSubscriptions: 1,
      maxFilterIds: 1,
      bufferMessages: 1,
      bufferBytes: 1,
    };
    const greeting = { type: "connection", connectionId: "ws-1", heartbeatMs: HEARTBEAT_MS, epoch, cursor };
    this.say({ ...greeting, authenticated: this.model.authenticates, limits });
    this.beat();
  }

  private beat(): void {
    this.endHeartbeat = this.model.clock.after(HEARTBEAT_MS, () => {
      this.progress("ping");
      this.beat();
    });
  }

  private progress(type: "ping" | "pong"): void {
    const { cursor } = this.model;
    this.say({ type, cursor, top: cursor });
  }

  private hear(message: ClientMessage): void {
    if (this.model.isDeaf) {
      return;
    }
    this.heard.push(message);
    switch (message.type) {
      case "ping":
        this.progress("pong");
        break;
      case "subscribe":
        this.subscribe(message);
        break;
      case "unsubscribe":
        this.subscriptions.delete(message.id);
        this.say({ type: "unsubscribed", id: message.id });
        break;
      default:
    }
  }

  private subscribe(subscribe: Subscribe): void {
    const { id, topic } = subscribe;
    const since = subscribe.since ?? undefined;
    this.subscriptions.set(id, subscribe);
    const subscribed = { type: "subscribed", id, topic };
    if (topic !== "orders") {
      this.say({ ...subscribed, recovered: false, cursor: this.model.cursor });
      return;
    }
    if (since !== undefined && "seq" in since) {
      this.say({ ...subscribed, recovered: true, cursor: this.model.cursor });
      for (const [orderId, seq] of Object.entries(since.seq)) {
        this.replay((event) => event.orderId === orderId && event.seq > seq);
      }
      return;
    }
    const refusal = since === undefined ? undefined : this.refusal(since);
    const isRecovered = since !== undefined && refusal === undefined;
    this.say({
      ...subscribed,
      recovered: isRecovered,
      cursor: isRecovered ? since.cursor : this.model.cursor,
    });
    if (isRecovered) {
      this.replay(({ cursor, order }) => cursor > since.cursor && this.isWanted(subscribe, order));
    } else if (refusal !== undefined) {
      this.gap(refusal, id);
    } else {
      this.snapshot(id);
    }
  }

  private refusal({ epoch, cursor }: { epoch: string; cursor: number }): GapReason | undefined {
    if (epoch !== this.model.epoch) {
      return "epoch";
    }
    return cursor < this.model.floor ? "too-old" : cursor > this.model.cursor ? "ahead" : undefined;
  }

  private replay(isMissed: (event: OrderEvent) => boolean): void {
    for (const event of this.model.log.filter(isMissed)) {
      this.say(event);
    }
  }

  private snapshot(id: string): void {
    const subscribe = this.subscriptions.get(id);
    const { ids } = (subscribe?.filter ?? {}) as OrderFilter;
    const orders = this.model
      .orders()
      .filter(
        (order) => this.isWanted(subscribe, order) && (ids !== undefined || !ENDS.includes(order.status)),
      );
    const { cursor } = this.model;
    const pages = Math.max(1, Math.ceil(orders.length / 2));
    for (let page = 0; page < pages; page += 1) {
      const some = orders.slice(page * 2, page * 2 + 2);
      this.say({ type: "snapshot", id, orders: some, cursor, last: page === pages - 1 });
    }
  }

  private isWanted(subscribe: Subscribe | undefined, order: Order): boolean {
    return matches((subscribe?.filter ?? {}) as OrderFilter, order);
  }
}

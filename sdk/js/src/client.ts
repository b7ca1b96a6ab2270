/**
 * The daemon's HTTP interface, one method per call.
 */

import { type Answer, type Call, Http, type HttpOptions } from "./http.js";
import { randomId } from "./random-id.js";
import type { LogFilter } from "./stream/messages.js";
import { systemTimers } from "./timers.js";
import type {
  Actions,
  Clients,
  ExecuteRequest,
  ExecuteResponse,
  Health,
  Logs,
  Order,
  OrderChanges,
  OrderEvents,
  OrderPage,
  OrderStatus,
  Queue,
  Ready,
  Status,
  Venues,
} from "./wire.js";

export type ClientOptions = HttpOptions;

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** An order that was taken: it is on stable storage. */
export interface Accepted extends ExecuteResponse {
  /** Send the same request with it again when the answer got lost. */
  idempotencyKey: string;
  /** Whether it was taken before, by an earlier request with the same key. */
  replayed: boolean;
}

const order = (id: string) => `/api/orders/${encodeURIComponent(id)}`;

export class OrderdClient {
  private readonly http: Http;
  /** Where the daemon is. */
  readonly url: URL;

  constructor(options: ClientOptions) {
    this.http = new Http(options, options.timers ?? systemTimers);
    this.url = this.http.url;
  }

  /** Hands in an order. Without a key it gets a fresh one. */
  async submit(
    request: ExecuteRequest,
    options: CallOptions & { idempotencyKey?: string } = {},
  ): Promise<Accepted> {
    const idempotencyKey = options.idempotencyKey ?? randomId();
    const answer = await this.http.call<ExecuteResponse>("/api/orders/execute", {
      method: "POST",
      body: JSON.stringify(request),
      headers: { "idempotency-key": idempotencyKey },
      signal: options.signal,
    });
    const replayed = answer.headers.get("idempotency-replayed") === "true";
    return { ...answer.body, idempotencyKey, replayed };
  }

  /** An order as it stands. */
  order(id: string, options: CallOptions = {}): Promise<Order> {
    return this.read<Order>(`/api/orders/status/${encodeURIComponent(id)}`, options);
  }

  /** An order's events with `seq` above `since`, all of them when absent. */
  events(id: string, options: CallOptions & { since?: number } = {}): Promise<OrderEvents> {
    return this.read<OrderEvents>(`${order(id)}/events`, options, { since: options.since });
  }

  /** Asks for an order to end without effect. It is decided when `cancelRequested` is false. */
  cancel(id: string, options: CallOptions & { reason?: string } = {}): Promise<Order> {
    const body = options.reason === undefined ? {} : { body: JSON.stringify({ reason: options.reason }) };
    return this.write<Order>(`${order(id)}/cancel`, options, body);
  }

  /** Gives a failed order one more attempt. */
  retry(id: string, options: CallOptions = {}): Promise<Order> {
    return this.write<Order>(`${order(id)}/retry`, options);
  }

  /** One page of orders, newest first; go on with its `nextCursor`. */
  orders(
    options: CallOptions & { status?: readonly OrderStatus[]; limit?: number; cursor?: string } = {},
  ): Promise<OrderPage> {
    const { status, limit, cursor } = options;
    return this.read<OrderPage>("/api/orders", options, { status: status?.join(","), limit, cursor });
  }

  /** Orders that have changed after a cursor; 410 `cursor-gone` when the daemon cannot tell. */
  changes(options: CallOptions & { epoch: string; since: number; limit?: number }): Promise<OrderChanges> {
    const { epoch, since, limit } = options;
    return this.read<OrderChanges>("/api/orders", options, { since, epoch, limit });
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.read<Health>("/health", options);
  }

  ready(options: CallOptions = {}): Promise<Ready> {
    return this.read<Ready>("/ready", options);
  }

  status(options: CallOptions = {}): Promise<Status> {
    return this.read<Status>("/api/status", options);
  }

  queue(options: CallOptions = {}): Promise<Queue> {
    return this.read<Queue>("/api/queue", options);
  }

  venues(options: CallOptions = {}): Promise<Venues> {
    return this.read<Venues>("/api/venues", options);
  }

  clients(options: CallOptions = {}): Promise<Clients> {
    return this.read<Clients>("/api/clients", options);
  }

  /** What operators and clients had done, newest first; go on with the `n` of the last one. */
  actions(options: CallOptions & { limit?: number; before?: number } = {}): Promise<Actions> {
    const { limit, before } = options;
    return this.read<Actions>("/api/actions", options, { limit, before });
  }

  /** The last lines of the log, oldest first. */
  logs(options: CallOptions & LogFilter & { lines?: number } = {}): Promise<Logs> {
    const { lines, level, target } = options;
    return this.read<Logs>("/api/logs", options, { lines, level, target });
  }

  /** A ticket with which one WebSocket can be opened within 30 seconds. */
  ticket(options: CallOptions = {}): Promise<{ ticket: string }> {
    return this.write<{ ticket: string }>("/api/stream/ticket", options);
  }

  private async read<T>(path: string, options: CallOptions, query: Call["query"] = {}): Promise<T> {
    return bare(await this.http.call<T>(path, { query, signal: options.signal }));
  }

  private async write<T>(path: string, options: CallOptions, call: Call = {}): Promise<T> {
    return bare(await this.http.call<T>(path, { ...call, method: "POST", signal: options.signal }));
  }
}

/** The object of an answer, without the member that only says that it is one. */
function bare<T>({ body }: Answer<T>): T {
  const { success: _, ...object } = body as T & { success?: true };
  return object as T;
}

/**
 * One coordinator owns the socket and feeds one cache; everyone else reads the cache.
 */

import { DEFAULT_BACKOFF } from "./backoff.js";
import { type CacheReader, OrderCache } from "./cache.js";
import { OrderdClient } from "./client.js";
import { type Counters, noCounts } from "./counters.js";
import { type FollowContext, follow } from "./follow.js";
import { Listeners } from "./listeners.js";
import { Merge } from "./merge.js";
import type { CoordinatorOptions } from "./options.js";
import type { ConnectionStatus } from "./status.js";
import { isOpen } from "./stream/filter.js";
import type { ErrorMessage } from "./stream/messages.js";
import { Stream } from "./stream/stream.js";
import type { TopicName, TopicValues } from "./stream/topics.js";
import { Submissions, type Submitted } from "./submissions.js";
import type { View } from "./subscribers.js";
import { systemTimers } from "./timers.js";
import type { Tools } from "./tools.js";
import { Window } from "./window.js";
import type { ExecuteRequest, Order, OrderEvent } from "./wire.js";

const DEFAULT_MAX_ORDERS = 10_000;
const DEFAULT_SUBMIT_ATTEMPTS = 6;

export class Coordinator {
  readonly client: OrderdClient;
  readonly cache: CacheReader;
  /** How the connection is, in the form that React's `useSyncExternalStore` takes. */
  readonly status: View<ConnectionStatus>;
  readonly counters: Readonly<Counters>;

  private readonly tools: Tools;
  private readonly stream: Stream;
  private readonly submissions: Submissions;
  private readonly followContext: FollowContext;
  /** Who wants to know of the end. */
  private readonly stopListeners = new Listeners<[]>();

  constructor(options: CoordinatorOptions) {
    const { timers = systemTimers, maxOrders = DEFAULT_MAX_ORDERS } = options;
    const counters = noCounts();
    const client = new OrderdClient(options);
    const window = new Window(timers, options.windowMs, () => cache.publish());
    const cache = new OrderCache(maxOrders, () => window.open());
    const merge = new Merge(cache, counters, maxOrders, (order) => this.submissions.recognize(order));
    const backoff = { ...DEFAULT_BACKOFF, ...options.backoff };
    this.tools = { client, cache, merge, counters, timers, backoff };
    this.stream = new Stream(this.tools, options);
    const { submitAttempts: attempts = DEFAULT_SUBMIT_ATTEMPTS, submissionLabel: label } = options;
    this.submissions = new Submissions(this.tools, { attempts, label });
    const separate = isOpen(options.filter ?? {}) ? undefined : this.stream.separate;
    this.followContext = { tools: this.tools, separate, onStop: (call) => this.stopListeners.add(call) };
    this.client = client;
    this.cache = cache;
    this.counters = counters;
    this.status = this.stream.board.view;
  }

  /** Connects, and stays connected until {@link stop}. Also after the daemon has told this client to go. */
  start(): void {
    this.stream.start();
  }

  /** Ends everything. The cache stays as it is. */
  stop(): void {
    this.stream.stop();
    this.stopListeners.tell();
  }

  /** Hands in an order. The cache shows it at once, under its key. */
  submit(request: ExecuteRequest, idempotencyKey?: string): Submitted {
    return this.submissions.submit(request, idempotencyKey);
  }

  /** Hands in again, under the same key, what has failed or is not known to be an order. */
  resubmit(key: string): Submitted {
    return this.submissions.resubmit(key);
  }

  /** Takes a submission that came to nothing out of the cache. */
  dismiss(key: string): void {
    this.tools.cache.dismiss(key);
  }

  /** Asks for an order to end without effect. */
  async cancel(id: string, reason?: string): Promise<Order> {
    return this.take(await this.client.cancel(id, reason === undefined ? {} : { reason }));
  }

  /** Gives a failed order one more attempt. */
  async retry(id: string): Promise<Order> {
    return this.take(await this.client.retry(id));
  }

  /** Takes the newest orders into the cache, those that are over too. */
  async load(query: Parameters<OrderdClient["orders"]>[0] = {}): Promise<Order[]> {
    const { orders } = await this.client.orders(query);
    for (const order of orders) {
      this.tools.merge.answer(order);
    }
    return orders;
  }

  /**
   * The events of an order from the first one on, each once and without a hole, whatever the connection does. Ends with
   * the order.
   */
  follow(orderId: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<OrderEvent, void, void> {
    return follow(this.followContext, orderId, options.signal);
  }

  /** Hears of every event that comes over the socket, each once. What a gap passes over does not come. */
  onEvent(listener: (event: OrderEvent) => void): () => void {
    return this.tools.merge.onEvent(listener);
  }

  /** What the daemon tells of itself; it is subscribed while somebody subscribes to this. */
  topic<N extends TopicName>(name: N): View<TopicValues[N] | undefined> {
    return this.stream.topics.view(name);
  }

  /** Hears what the daemon does not serve, such as a topic that the token does not allow. */
  onComplaint(listener: (error: ErrorMessage) => void): () => void {
    return this.stream.complaints.add(listener);
  }

  private take(order: Order): Order {
    this.tools.merge.answer(order);
    return order;
  }
}

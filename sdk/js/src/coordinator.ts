/**
 * One coordinator owns the socket and feeds one cache; everyone else reads the cache.
 */

import { DEFAULT_BACKOFF } from "./backoff.js";
import { OrderCache } from "./cache.js";
import { OrderdClient } from "./client.js";
import { type Counters, noCounts } from "./counters.js";
import { ProblemError } from "./errors.js";
import { type FollowContext, follow } from "./follow.js";
import { Merge } from "./merge.js";
import type { CoordinatorOptions } from "./options.js";
import { openSystemSocket } from "./socket.js";
import { type ConnectionStatus, StatusBoard } from "./status.js";
import { isOpen } from "./stream/filter.js";
import { Link, type Loss } from "./stream/link.js";
import {
  type Connection,
  type ErrorMessage,
  type Gap,
  isEvent,
  type ServerMessage,
  type Snapshot,
  type Subscribed,
} from "./stream/messages.js";
import { ORDERS, OrdersFeed } from "./stream/orders-feed.js";
import { Poller } from "./stream/poller.js";
import { Position } from "./stream/position.js";
import { Reconciler } from "./stream/reconciler.js";
import { Separate } from "./stream/separate.js";
import { target } from "./stream/target.js";
import { type TopicName, Topics, type TopicValues } from "./stream/topics.js";
import { Submissions, type Submitted } from "./submissions.js";
import type { View } from "./subscribers.js";
import { systemTimers } from "./timers.js";
import { Window } from "./window.js";
import type { ExecuteRequest, Order, OrderEvent } from "./wire.js";

export class Coordinator {
  readonly client: OrderdClient;
  readonly cache: OrderCache;
  /** How the connection is, in the form that React's `useSyncExternalStore` takes. */
  readonly status: View<ConnectionStatus>;
  readonly counters: Readonly<Counters>;

  private readonly counts = noCounts();
  private readonly window: Window;
  private readonly merge: Merge;
  private readonly position = new Position();
  private readonly reconciler: Reconciler;
  private readonly separate: Separate;
  private readonly feed: OrdersFeed;
  private readonly topics: Topics;
  private readonly poller: Poller;
  private readonly link: Link;
  private readonly submissions: Submissions;
  private readonly followContext: FollowContext;
  private readonly complaintListeners = new Set<(error: ErrorMessage) => void>();
  /** Who wants to know of the end. */
  private readonly stopCalls = new Set<() => void>();
  private readonly board: StatusBoard;
  /** A greeting that waits for `authenticated`. */
  private greeting: Connection | undefined;
  private connections = 0;
  private stopping = new AbortController();

  constructor(private readonly options: CoordinatorOptions) {
    const timers = options.timers ?? systemTimers;
    const backoff = { ...DEFAULT_BACKOFF, ...options.backoff };
    const filter = options.filter ?? {};
    const maxOrders = options.maxOrders ?? 10_000;
    const send = (message: Parameters<Link["send"]>[0]) => this.link.send(message);
    const counts = this.counts;

    this.board = new StatusBoard(() => timers.now());
    this.status = this.board.view;
    this.counters = counts;
    this.client = new OrderdClient(options);
    this.window = new Window(timers, options.windowMs, () => this.cache.publish());
    this.cache = new OrderCache(maxOrders, () => this.window.open());
    this.merge = new Merge(this.cache, counts, maxOrders, (order) => this.submissions.recognize(order));
    const { client, cache, merge, position } = this;
    this.reconciler = new Reconciler(cache, merge, client, timers, counts, () => this.settled());
    this.separate = new Separate(merge, send);
    this.feed = new OrdersFeed(
      { filter, delivery: options.delivery ?? "all", batchMs: options.batchMs ?? 0 },
      position,
      merge,
      this.reconciler,
      counts,
      timers,
      (id) => this.separate.has(id),
      send,
    );
    this.topics = new Topics({ lines: 200, ...options.logs }, client, timers, send);
    const everyMs = options.pollMs ?? 2_000;
    this.poller = new Poller(
      { everyMs, backoff, filter },
      client,
      position,
      merge,
      this.reconciler,
      timers,
      counts,
      { polled: () => this.polled(), failed: (error) => this.pollFailed(error) },
    );
    this.link = new Link(
      {
        openSocket: options.openSocket ?? openSystemSocket,
        timers,
        backoff,
        target: () => target(options, client),
      },
      {
        greeted: (greeting) => this.greeted(greeting),
        received: (message) => this.received(message),
        late: () => this.board.late(),
        lost: (loss) => this.lost(loss),
        malformed: () => (counts.malformed += 1),
      },
    );
    const { submitAttempts: attempts = 6, submissionLabel: label } = options;
    this.submissions = new Submissions({ attempts, backoff, label }, client, cache, merge, timers);
    const separate = isOpen(filter) ? undefined : this.separate;
    const onStop = (call: () => void) => {
      this.stopCalls.add(call);
      return () => this.stopCalls.delete(call);
    };
    this.followContext = { client, merge, separate, timers, backoff, onStop };
  }

  /** Connects, and stays connected until {@link stop}. Also after the daemon has told this client to go. */
  start(): void {
    if (this.stopping.signal.aborted) {
      this.stopping = new AbortController();
    }
    this.poller.stop();
    this.board.opening();
    this.link.start();
  }

  /** Ends everything. The cache stays as it is. */
  stop(): void {
    this.stopping.abort();
    this.quit("stopped");
    for (const call of [...this.stopCalls]) {
      call();
    }
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
    this.cache.dismiss(key);
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
      this.merge.answer(order);
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
    return this.merge.onEvent(listener);
  }

  /** What the daemon tells of itself; it is subscribed while somebody subscribes to this. */
  topic<N extends TopicName>(name: N): View<TopicValues[N] | undefined> {
    return this.topics.view(name);
  }

  /** Hears what the daemon does not serve, such as a topic that the token does not allow. */
  onComplaint(listener: (error: ErrorMessage) => void): () => void {
    this.complaintListeners.add(listener);
    return () => this.complaintListeners.delete(listener);
  }

  private take(order: Order): Order {
    this.merge.answer(order);
    return order;
  }

  private greeted(greeting: Connection): void {
    this.poller.stop();
    this.board.greeted();
    const { token } = this.options;
    if (greeting.authenticated) {
      this.begin(greeting);
    } else if (token !== undefined) {
      this.greeting = greeting;
      this.link.send({ type: "auth", token });
    }
  }

  private begin(greeting: Connection): void {
    this.connections += 1;
    this.counts.reconnects = this.connections - 1;
    this.feed.begin(greeting);
    this.separate.begin();
    this.topics.begin();
  }

  private received(message: ServerMessage): void {
    if (isEvent(message)) {
      this.feed.event(message);
    } else {
      this.dispatch(message);
    }
    const lag = "top" in message ? Math.max(0, message.top - message.cursor) : undefined;
    this.board.heard(this.feed.isCaughtUp, lag);
  }

  private settled(): void {
    this.board.settled(this.feed.isCaughtUp);
  }

  private dispatch(message: Exclude<ServerMessage, OrderEvent>): void {
    switch (message.type) {
      case "subscribed":
      case "snapshot":
      case "gap":
        this.ordersFollow(message);
        break;
      case "ping":
      case "pong":
        this.feed.progress(message);
        break;
      case "queue":
      case "venues":
      case "clients":
      case "status":
        this.topics.received(message);
        break;
      case "logs":
        this.topics.lines(message);
        break;
      case "error":
        this.complained(message);
        break;
      case "authenticated":
        this.authenticated();
        break;
      default:
      // Of a later version: ignored, as the protocol wants it.
    }
  }

  private ordersFollow(message: Subscribed | Snapshot | Gap): void {
    if (message.id === ORDERS) {
      this.feed.told(message);
    } else if (message.type === "snapshot") {
      this.separate.snapshot(message);
    }
  }

  private authenticated(): void {
    const { greeting } = this;
    this.greeting = undefined;
    if (greeting !== undefined) {
      this.begin(greeting);
    }
  }

  private complained(error: ErrorMessage): void {
    if (this.separate.owns(error.id)) {
      this.separate.refused(error);
    } else if (error.id === ORDERS && error.code === "busy") {
      this.link.retry("the daemon is busy with other snapshots");
    } else if (error.id === ORDERS) {
      this.quit(`the daemon does not serve the subscription: ${error.detail}`);
    }
    for (const listener of [...this.complaintListeners]) {
      listener(error);
    }
  }

  private lost({ reason, retryInMs }: Loss): void {
    this.feed.end();
    if (retryInMs === undefined) {
      this.quit(reason);
      return;
    }
    this.board.lost(reason, retryInMs);
    this.poller.start();
  }

  private polled(): void {
    this.board.polled("served");
    void this.topics.poll(this.stopping.signal);
  }

  private pollFailed(error: unknown): void {
    if (error instanceof ProblemError && (error.status === 401 || error.status === 403)) {
      this.quit(error.message);
    } else {
      this.board.polled("failed");
    }
  }

  private quit(reason: string): void {
    this.link.stop();
    this.feed.end();
    this.poller.stop();
    this.reconciler.stop();
    this.board.ended(reason);
  }
}

/**
 * Owns the socket: what comes over it, and over HTTP while it is down, goes into the cache.
 */

import { ProblemError } from "../errors.js";
import { Listeners } from "../listeners.js";
import type { CoordinatorOptions } from "../options.js";
import { openSystemSocket } from "../socket.js";
import { StatusBoard } from "../status.js";
import type { Tools } from "../tools.js";
import type { OrderEvent } from "../wire.js";
import { Link, type Loss } from "./link.js";
import {
  type ClientMessage,
  type Connection,
  type ErrorMessage,
  type Gap,
  isEvent,
  type ServerMessage,
  type Snapshot,
  type Subscribed,
} from "./messages.js";
import { ORDERS, OrdersFeed } from "./orders-feed.js";
import { Poller } from "./poller.js";
import { Position } from "./position.js";
import { Reconciler } from "./reconciler.js";
import { isForLater } from "./refusals.js";
import { Separate } from "./separate.js";
import { target } from "./target.js";
import { Topics } from "./topics.js";

const DEFAULT_POLL_MS = 2_000;
const DEFAULT_LINES = 200;

export class Stream {
  readonly board: StatusBoard;
  readonly separate: Separate;
  readonly topics: Topics;

  private readonly reconciler: Reconciler;
  private readonly feed: OrdersFeed;
  private readonly poller: Poller;
  private readonly link: Link;
  readonly complaints = new Listeners<[error: ErrorMessage]>();
  /** A greeting that waits for `authenticated`. */
  private greeting: Connection | undefined;
  private connections = 0;

  constructor(
    private readonly tools: Tools,
    private readonly options: CoordinatorOptions,
  ) {
    const { client, timers, backoff, counters } = tools;
    const { filter = {}, delivery = "all", batchMs = 0, pollMs: everyMs = DEFAULT_POLL_MS } = options;
    const position = new Position();
    const send = (message: ClientMessage) => this.link.send(message);
    this.board = new StatusBoard(() => timers.now());
    this.separate = new Separate(tools, send);
    this.topics = new Topics(tools, { lines: DEFAULT_LINES, ...options.logs }, send);
    this.reconciler = new Reconciler(tools, () => this.settled());
    this.feed = new OrdersFeed(
      tools,
      { filter, delivery, batchMs },
      position,
      this.reconciler,
      (id) => this.separate.has(id),
      send,
    );
    this.poller = new Poller(tools, { everyMs, filter }, position, this.reconciler, {
      polled: (signal) => this.polled(signal),
      failed: (error) => this.pollFailed(error),
    });
    const { openSocket = openSystemSocket } = options;
    this.link = new Link(
      { openSocket, timers, backoff, target: () => target(options, client) },
      {
        greeted: (greeting) => this.greeted(greeting),
        received: (message) => this.received(message),
        late: () => this.board.late(),
        lost: (loss) => this.lost(loss),
        malformed: () => {
          counters.malformed += 1;
        },
      },
    );
  }

  start(): void {
    this.poller.stop();
    this.board.opening();
    this.link.start();
  }

  stop(): void {
    this.quit("stopped");
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
    } else {
      this.quit("the daemon wants a token");
    }
  }

  private begin(greeting: Connection): void {
    this.connections += 1;
    this.tools.counters.reconnects = this.connections - 1;
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
      case "actions":
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
    } else if (error.id === ORDERS && isForLater(error)) {
      this.feed.busy();
    } else if (error.id === ORDERS && error.code !== "order-not-found") {
      this.quit(`the daemon does not serve the subscription: ${error.detail}`);
    }
    this.complaints.tell(error);
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

  private polled(signal: AbortSignal): void {
    this.board.polled("served");
    void this.topics.poll(signal);
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

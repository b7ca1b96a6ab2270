/**
 * What the daemon tells of itself: subscribed only while somebody reads it.
 */

import { Listeners } from "../listeners.js";
import type { View } from "../subscribers.js";
import type { Cancel } from "../timers.js";
import type { Tools } from "../tools.js";
import type { Actions, Clients, LogLine, Queue, Status, Venues } from "../wire.js";
import type { ClientMessage, LogFilter, LogMessage, TopicMessage } from "./messages.js";

export interface TopicValues {
  queue: Queue;
  venues: Venues;
  clients: Clients;
  status: Status;
  actions: Actions;
  /** The last lines, oldest first. */
  logs: readonly LogLine[];
}

export type TopicName = keyof TopicValues;

export interface LogOptions extends LogFilter {
  /** How many lines are kept, at most 1000. */
  lines: number;
}

interface Watched {
  listeners: Listeners<[]>;
  endLinger: Cancel | undefined;
}

/** A topic goes on for so long without a reader: views come and go. */
const LINGER_MS = 1_000;

export class Topics {
  private readonly values: Partial<TopicValues> = {};
  private readonly watched = new Map<TopicName, Watched>();
  private readonly views = new Map<TopicName, View<unknown>>();
  /** Lines of a new subscription take the place of those that are here. */
  private isLogFresh = true;

  constructor(
    private readonly tools: Tools,
    private readonly log: LogOptions,
    private readonly send: (message: ClientMessage) => void,
  ) {}

  view<N extends TopicName>(name: N): View<TopicValues[N] | undefined> {
    const view = this.views.get(name) ?? {
      subscribe: (listener: () => void) => this.watch(name, listener),
      getSnapshot: () => this.values[name],
    };
    this.views.set(name, view);
    return view as View<TopicValues[N] | undefined>;
  }

  /** Subscribes on a fresh connection to what is read. */
  begin(): void {
    for (const name of this.watched.keys()) {
      this.subscribe(name);
    }
  }

  received({ type, timestamp: _, ...value }: TopicMessage): void {
    this.set(type, value as TopicValues[typeof type]);
  }

  lines({ lines }: LogMessage): void {
    const before = this.isLogFresh ? [] : (this.values.logs ?? []);
    this.isLogFresh = false;
    this.set("logs", [...before, ...lines].slice(-this.log.lines));
  }

  /** Asks for what is read over HTTP. */
  async poll(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.watched.keys()].map((name) => this.ask(name, signal)));
  }

  private watch(name: TopicName, listener: () => void): () => void {
    const watched = this.watched.get(name) ?? { listeners: new Listeners(), endLinger: undefined };
    watched.endLinger?.();
    watched.endLinger = undefined;
    const end = watched.listeners.add(listener);
    if (!this.watched.has(name)) {
      this.watched.set(name, watched);
      this.subscribe(name);
    }
    return () => {
      end();
      if (watched.listeners.size === 0) {
        watched.endLinger?.();
        watched.endLinger = this.tools.timers.after(LINGER_MS, () => this.unsubscribe(name));
      }
    };
  }

  private subscribe(name: TopicName): void {
    if (name !== "logs") {
      this.send({ type: "subscribe", id: name, topic: name });
      return;
    }
    const { lines, ...filter } = this.log;
    this.isLogFresh = true;
    this.send({ type: "subscribe", id: name, topic: name, filter, lines });
  }

  private unsubscribe(name: TopicName): void {
    this.watched.delete(name);
    this.send({ type: "unsubscribe", id: name });
  }

  private async ask(name: TopicName, signal: AbortSignal): Promise<void> {
    try {
      const value =
        name === "logs"
          ? (await this.tools.client.logs({ ...this.log, signal })).lines
          : await this.tools.client[name]({ signal });
      if (!signal.aborted) {
        this.set(name, value);
      }
    } catch {
      // The old value stays; that the daemon does not answer is told by the poll of orders.
    }
  }

  private set<N extends TopicName>(name: N, value: TopicValues[N]): void {
    Object.assign(this.values, { [name]: value });
    this.watched.get(name)?.listeners.tell();
  }
}

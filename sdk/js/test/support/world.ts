/**
 * A coordinator in front of a model daemon.
 */

import assert from "node:assert/strict";
import { Coordinator, type CoordinatorOptions, type Order, type State } from "../../dist/index.js";
import { Clock } from "./clock.js";
import { Model } from "./model.js";

export class World {
  readonly clock: Clock;
  readonly model: Model;
  readonly coordinator: Coordinator;
  /** Every state that was shown. */
  readonly states: State[] = [];

  constructor(options: Partial<CoordinatorOptions> = {}, seed = 1) {
    this.clock = new Clock(seed);
    this.model = new Model(this.clock);
    this.coordinator = new Coordinator({
      url: "http://127.0.0.1:3000",
      timers: this.clock,
      fetch: this.model.fetch as typeof fetch,
      openSocket: this.model.openSocket,
      ...options,
    });
    const { status } = this.coordinator;
    status.subscribe(() => {
      if (this.states.at(-1) !== this.state) {
        this.states.push(this.state);
      }
    });
  }

  get state(): State {
    return this.coordinator.status.getSnapshot().state;
  }

  /** Connects, and waits until what there is has come. */
  async connect(): Promise<void> {
    this.coordinator.start();
    await this.clock.advance(100);
    assert.equal(this.state, "live");
  }

  /** Lets so much time pass that everything is as it will be. */
  async rest(ms = 40_000): Promise<void> {
    await this.clock.advance(ms);
  }

  cached(id: string): Order | undefined {
    const entry = this.coordinator.cache.get(id);
    return entry?.kind === "order" ? entry.order : undefined;
  }

  /** The cache has every order of the daemon as it stands, and no other. */
  assertSame(): void {
    const sort = (orders: Order[]) => orders.sort((a, b) => (a.id < b.id ? -1 : 1));
    const cached = this.coordinator.cache
      .all()
      .flatMap((entry) => (entry.kind === "order" ? [entry.order] : []));
    assert.deepEqual(sort(cached), sort(this.model.orders()));
  }
}

/**
 * One order's life, event by event.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type OrderEvent, ProblemError, StreamError, TransportError } from "../dist/index.js";
import type { Subscribe } from "../dist/stream/messages.js";
import { settle } from "./support/clock.js";
import { World } from "./support/world.js";

async function collect(events: AsyncIterable<OrderEvent>): Promise<number[]> {
  const seen: number[] = [];
  for await (const event of events) {
    seen.push(event.seq);
  }
  return seen;
}

test("a life is told from its first event to its last, however late one comes", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const id = model.accept();
  model.step(id);
  model.step(id);
  await world.connect();
  const seen = collect(coordinator.follow(id));
  await settle();
  model.finish(id);
  assert.deepEqual(await seen, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(await collect(coordinator.follow(id)), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("events that are lost by a gap are fetched from the history", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  const seen = collect(coordinator.follow(id));
  await settle();
  assert.ok(model.live);
  model.live.isStalled = true;
  model.step(id);
  model.step(id);
  model.live.isStalled = false;
  model.live.gap("slow");
  await settle();
  model.finish(id);
  assert.deepEqual(await seen, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("an order that is followed is not forgotten, even when the cache has no room for it", async () => {
  const world = new World({ maxOrders: 1 });
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  const seen = collect(coordinator.follow(id));
  model.accept();
  await world.clock.advance(100);
  assert.equal(world.cached(id), undefined);
  assert.ok(model.live);
  model.live.isStalled = true;
  model.finish(id);
  model.live.isStalled = false;
  model.live.gap("slow");
  await world.clock.advance(100);
  assert.equal((await seen).length, 8);
});

/** The subscriptions of single orders that the daemon has. */
function groups(world: World): Subscribe[] {
  const all = [...(world.model.live?.subscriptions.values() ?? [])];
  return all.filter(({ id }) => id.startsWith("follow-"));
}

test("an order outside the filter has a subscription of its own, and ends it", async () => {
  const world = new World({ filter: { label: { desk: "7" } } });
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  const seen = collect(coordinator.follow(id));
  await world.clock.advance(50);
  model.step(id);
  await settle();
  model.cut();
  model.step(id);
  await world.clock.advance(1_000);
  assert.deepEqual(
    groups(world).map(({ since }) => since),
    [{ seq: { [id]: 2 } }],
  );
  model.finish(id);
  assert.deepEqual(await seen, [1, 2, 3, 4, 5, 6, 7, 8]);
  await settle();
  assert.deepEqual(groups(world), []);
});

test("many orders outside the filter share few subscriptions, also when they come one by one", async () => {
  const world = new World({ filter: { label: { desk: "7" } } });
  const { model, coordinator } = world;
  await world.connect();
  const ids = Array.from({ length: 100 }, () => model.accept());
  const lives = ids.slice(0, 80).map((id) => collect(coordinator.follow(id)));
  await world.clock.advance(50);
  assert.equal(groups(world).length, 3);
  for (const id of ids.slice(80)) {
    lives.push(collect(coordinator.follow(id)));
    await world.clock.advance(50);
    assert.ok(groups(world).length <= 9, `${groups(world).length} subscriptions`);
  }
  assert.ok(groups(world).every(({ filter }) => JSON.stringify(filter).length < 2_000));
  model.cut();
  await world.clock.advance(1_000);
  assert.equal(groups(world).length, 4);
  for (const id of ids) {
    model.finish(id);
  }
  assert.ok((await Promise.all(lives)).every((seen) => seen.length === 8));
});

test("what the separate subscription tells does not move the place of all others", async () => {
  const world = new World({ filter: { label: { desk: "7" } } });
  const { model, coordinator } = world;
  const mine = model.accept({ tokenIn: "SOL", tokenOut: "USDC", amount: "1", labels: { desk: "7" } });
  const other = model.accept();
  await world.connect();
  const seen = collect(coordinator.follow(other));
  await world.clock.advance(50);
  assert.ok(model.live);
  // The filter's own event is still on its way when that of the other order comes.
  model.live.isStalled = true;
  model.step(mine);
  model.live.isStalled = false;
  model.step(other);
  await settle();
  model.cut();
  await world.rest();
  assert.equal(world.cached(mine)?.seq, 2);
  model.finish(other);
  assert.equal((await seen).length, 8);
});

test("a failed order that is tried again goes on", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const id = model.accept();
  model.happen(id, "failed");
  model.happen(id, "pending");
  await world.connect();
  const seen = collect(coordinator.follow(id));
  await settle();
  model.happen(id, "failed");
  assert.deepEqual(await seen, [1, 2, 3, 4]);
});

test("following ends with an error that says why", async () => {
  const world = new World();
  const { model, coordinator } = world;
  await world.connect();
  await assert.rejects(
    collect(coordinator.follow("nobody")),
    (error) => error instanceof ProblemError && error.code === "order-not-found",
  );
  const id = model.accept();
  const abort = new AbortController();
  const aborted = assert.rejects(
    collect(coordinator.follow(id, { signal: abort.signal })),
    (error) => error instanceof TransportError && error.kind === "aborted",
  );
  const stopped = assert.rejects(
    collect(coordinator.follow(id)),
    (error) => error instanceof StreamError && error.code === "stopped",
  );
  await settle();
  abort.abort();
  await aborted;
  coordinator.stop();
  await stopped;
});

test("a subscription that the daemon does not serve ends it too; one that it will serve later does not", async () => {
  const world = new World({ filter: { label: { desk: "7" } } });
  const { model, coordinator } = world;
  const id = model.accept();
  await world.connect();
  const refused = assert.rejects(
    collect(coordinator.follow(id)),
    (error) => error instanceof StreamError && error.code === "too-many-subscriptions",
  );
  await world.clock.advance(50);
  const [first] = groups(world);
  model.live?.subscriptions.clear();
  model.live?.say({ type: "error", code: "busy", detail: "later", id: first?.id });
  await world.clock.advance(600);
  const [second] = groups(world);
  assert.notEqual(second, undefined);
  model.live?.say({ type: "error", code: "too-many-subscriptions", detail: "no more", id: second?.id });
  await refused;
});

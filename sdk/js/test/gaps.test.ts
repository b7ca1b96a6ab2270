/**
 * What happens when the daemon cannot tell what was missed.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "./support/clock.js";
import { World } from "./support/world.js";

test("after a gap, orders that are over by now are asked for one by one", async () => {
  const world = new World();
  const { model, coordinator } = world;
  const [over, goesOn] = [model.accept(), model.accept()];
  await world.connect();
  assert.ok(model.live);
  model.live.isStalled = true;
  model.finish(over);
  model.step(goesOn);
  model.live.isStalled = false;
  model.live.gap("slow");
  await settle();
  assert.equal(coordinator.counters.gaps, 1);
  await world.clock.advance(100);
  world.assertSame();
  assert.equal(coordinator.counters.fetched, 1);
  assert.equal(world.state, "live");
});

test("a cut between a gap and its snapshot loses nothing", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  assert.ok(model.live);
  model.live.isStalled = true;
  model.finish(id);
  model.live.isStalled = false;
  model.live.say({ type: "gap", id: "orders", reason: "slow", cursor: model.cursor });
  model.accept();
  await settle();
  model.answersHttp = false;
  model.cut();
  await world.clock.advance(1_000);
  world.assertSame();
  assert.equal(world.coordinator.counters.recovered, 1);

  model.accept();
  await settle();
  model.cut();
  await world.clock.advance(1_000);
  assert.deepEqual(model.live?.subscriptions.get("orders")?.since, {
    epoch: model.epoch,
    cursor: model.cursor,
  });
});

test("a heartbeat before the subscription has begun says nothing about it", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  const { cursor } = model;
  model.answersHttp = false;
  model.isDeaf = true;
  model.cut();
  model.step(id);
  await world.clock.advance(300);
  model.live?.say({ type: "ping", cursor: model.cursor, top: model.cursor });
  await settle();
  assert.equal(world.state, "stale");
  model.isDeaf = false;
  model.cut();
  await world.clock.advance(1_000);
  assert.deepEqual(model.live?.subscriptions.get("orders")?.since, { epoch: model.epoch, cursor });
  world.assertSame();
});

test("a reconciliation that fails is tried again until it succeeds", async () => {
  const world = new World();
  const { model } = world;
  const id = model.accept();
  await world.connect();
  model.acceptsSockets = false;
  model.answersHttp = false;
  model.cut();
  model.finish(id);
  model.forget();
  await world.clock.advance(1_000);
  model.acceptsSockets = true;
  await world.clock.advance(20_000);
  assert.equal(world.state, "stale", "connected, but not known to be right");
  model.answersHttp = true;
  await world.clock.advance(5_000);
  assert.equal(world.state, "live");
  world.assertSame();
});

test("another store takes the place of everything, even with the same orders further back", async () => {
  const world = new World();
  const { model } = world;
  const [gone, restored, ended] = [model.accept(), model.accept(), model.accept()];
  await world.connect();
  model.step(restored);
  model.step(restored);
  model.finish(ended);
  await world.clock.advance(100);
  model.answersHttp = false;
  model.replaceStore();
  model.accept({ tokenIn: "ETH", tokenOut: "USDC", amount: "2" }, restored);
  await world.clock.advance(1_000);
  assert.equal(world.coordinator.counters.gaps, 1);
  model.answersHttp = true;
  await world.rest();
  world.assertSame();
  assert.equal(world.cached(restored)?.seq, 1);
  assert.equal(world.cached(gone), undefined);
  assert.equal(world.cached(ended), undefined);
});

test("another store is noticed by polling too", async () => {
  const world = new World();
  const { model } = world;
  const [gone, restored] = [model.accept(), model.accept()];
  await world.connect();
  model.step(restored);
  await world.clock.advance(100);
  model.acceptsSockets = false;
  model.replaceStore();
  model.accept(undefined, restored);
  await world.clock.advance(5_000);
  assert.equal(world.state, "polling");
  world.assertSame();
  assert.equal(world.cached(gone), undefined);
});

test("when the daemon has forgotten the cursor, polling lists afresh", async () => {
  const world = new World();
  const { model } = world;
  const [over, goesOn] = [model.accept(), model.accept()];
  await world.connect();
  model.acceptsSockets = false;
  model.cut();
  await settle();
  model.finish(over);
  model.step(goesOn);
  model.forget();
  await world.clock.advance(5_000);
  world.assertSame();
  assert.equal(world.coordinator.counters.gaps, 1);
  assert.equal(world.state, "polling");
});

/**
 * Orders handed in through the coordinator.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExecuteRequest } from "../dist/index.js";
import { settle } from "./support/clock.js";
import { problem } from "./support/model.js";
import { World } from "./support/world.js";

const ORDER: ExecuteRequest = { tokenIn: "SOL", tokenOut: "USDC", amount: "10" };

test("an order is shown before the daemon has answered, and becomes the order in place", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  const { key, done } = coordinator.submit(ORDER);
  assert.equal(coordinator.cache.get(key)?.kind, "pending");
  assert.equal(coordinator.cache.all().length, 1);
  const outcome = await done;
  assert.equal(outcome.kind, "accepted");
  const entry = coordinator.cache.get(key);
  assert.ok(entry?.kind === "order");
  assert.equal(entry.key, key, "a view keeps its row");
  assert.equal(coordinator.cache.all().length, 1);
  model.finish(entry.order.id);
  await world.clock.advance(100);
  assert.equal(world.cached(key)?.status, "finalized");
  assert.equal(coordinator.cache.get(key)?.key, key);
});

test("with a label the stream settles it, even when every answer gets lost", async () => {
  const world = new World({ submissionLabel: "key" });
  await world.connect();
  const { coordinator, model } = world;
  model.loseAnswers = 100;
  const { key } = coordinator.submit(ORDER);
  await world.clock.advance(50);
  assert.equal(coordinator.cache.get(key)?.kind, "order");
  await world.rest();
  assert.equal(coordinator.cache.all().length, 1);
  assert.equal(model.orders().length, 1);
});

test("a lost answer makes no second order", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  model.loseAnswers = 2;
  const { key, done } = coordinator.submit(ORDER);
  await world.rest();
  const outcome = await done;
  assert.ok(outcome.kind === "accepted" && outcome.accepted.replayed);
  assert.equal(model.orders().length, 1);
  assert.equal(coordinator.cache.get(key)?.kind, "order");
  assert.equal(coordinator.cache.all().length, 1);
});

test("what the daemon refuses has failed, with the problem, until it is dismissed", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  model.refusals = [problem(422, "amount-zero")];
  const { key, done } = coordinator.submit({ ...ORDER, amount: "0" });
  await settle();
  const outcome = await done;
  assert.ok(outcome.kind === "failed");
  const entry = coordinator.cache.get(key);
  assert.ok(entry?.kind === "failed" && entry.problem?.message === "amount-zero");
  coordinator.dismiss(key);
  assert.equal(coordinator.cache.get(key), undefined);
});

test("a full queue is waited for as long as it asks", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  model.refusals = [problem(503, "queue-full"), problem(503, "queue-full")];
  const { key } = coordinator.submit(ORDER);
  await world.clock.advance(900);
  const entry = coordinator.cache.get(key);
  assert.ok(entry?.kind === "pending" && entry.attempts === 1);
  await world.clock.advance(3_000);
  assert.equal(coordinator.cache.get(key)?.kind, "order");
});

test("without any answer it is unknown, not failed, and can be handed in again", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  model.answersHttp = false;
  const { key, done } = coordinator.submit(ORDER);
  await world.rest(120_000);
  assert.equal((await done).kind, "unknown");
  const entry = coordinator.cache.get(key);
  assert.ok(entry?.kind === "unknown" && entry.attempts === 6);

  model.answersHttp = true;
  const again = coordinator.resubmit(key);
  await world.rest();
  assert.equal((await again.done).kind, "accepted");
  assert.equal(coordinator.cache.get(key)?.kind, "order");
});

test("when every answer was a refusal for now, it has failed for certain", async () => {
  const world = new World({ submitAttempts: 2 });
  await world.connect();
  const { coordinator, model } = world;
  model.refusals = [problem(503, "queue-full"), problem(503, "draining")];
  const { done } = coordinator.submit(ORDER);
  await world.rest();
  assert.equal((await done).kind, "failed");
});

test("an order that the filter leaves out is shown to who handed it in", async () => {
  const world = new World({ filter: { label: { desk: "7" } } });
  await world.connect();
  const { coordinator } = world;
  const { key } = coordinator.submit(ORDER);
  await world.clock.advance(100);
  assert.equal(coordinator.cache.get(key)?.kind, "order");
});

test("what was changed after it was handed in is not sent", async () => {
  const world = new World();
  await world.connect();
  const { coordinator, model } = world;
  const wish = { ...ORDER, labels: { a: "1" } };
  const { key } = coordinator.submit(wish);
  wish.labels.a = "2";
  await world.clock.advance(100);
  assert.equal(world.cached(key)?.labels.a, "1");
  assert.equal(model.orders().length, 1);
});

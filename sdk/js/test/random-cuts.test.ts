/**
 * Random schedules: orders live, connections break, stores forget. Whatever happens, in the end the cache has what the
 * daemon has, and who follows an order has seen each of its events once, in order.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { dice } from "./support/clock.js";
import { World } from "./support/world.js";

const SEEDS = Number(process.env.SEEDS ?? 60);
const FROM = Number(process.env.FROM ?? 1);

type Break = (world: World, random: () => number) => void;

/** After these everything can be told again. */
const CUTS: Break[] = [
  ({ model }) => model.cut(),
  ({ model }) => model.cut(4308),
  ({ model }, random) => {
    model.acceptsSockets = random() < 0.5;
  },
  ({ model }, random) => {
    model.answersHttp = random() < 0.5;
  },
  ({ model }) => {
    if (model.live) {
      model.live.isStalled = true;
    }
  },
  ({ model }, random) => {
    if (model.live) {
      model.live.copies = random() < 0.5 ? 2 : 1;
    }
  },
];

/** After these it cannot. */
const GAPS: Break[] = [({ model }) => model.live?.gap("slow"), ({ model }) => model.forget()];

function mend({ model }: World): void {
  model.acceptsSockets = true;
  model.answersHttp = true;
  model.cut();
}

for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
  test(`whatever breaks, nothing is missed (seed ${seed})`, async () => {
    const random = dice(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const breaks = random() < 0.5 ? CUTS : [...CUTS, ...GAPS];
    const isFiltered = random() < 0.3;
    const world = new World(isFiltered ? { filter: { label: { desk: "7" } } } : {}, seed);
    const { model, coordinator } = world;
    const lives = new Map<string, number[]>();
    const follow = async (id: string) => {
      const seen: number[] = [];
      lives.set(id, seen);
      for await (const event of coordinator.follow(id)) {
        seen.push(event.seq);
      }
    };
    const followed: Promise<void>[] = [];
    coordinator.start();
    for (let turn = 0; turn < 120; turn += 1) {
      const going = model.liveOrders();
      if (random() < 0.2) {
        const id = model.accept({ tokenIn: "SOL", tokenOut: "USDC", amount: "1", labels: { desk: "7" } });
        if (random() < 0.5) {
          followed.push(follow(id));
        }
      }
      if (going.length > 0 && random() < 0.7) {
        model.step(pick(going).id);
      }
      if (random() < 0.15) {
        pick(breaks)(world, random);
      }
      await world.clock.advance(Math.floor(random() ** 3 * 6_000));
    }
    mend(world);
    await world.rest(60_000);
    for (const { id } of model.liveOrders()) {
      model.finish(id);
    }
    await world.rest(60_000);
    assert.equal(world.state, "live");
    if (breaks === CUTS) {
      assert.equal(coordinator.counters.gaps, 0);
      assert.equal(coordinator.counters.holes, 0);
      world.assertSame();
    }
    // After a gap, what was accepted and over meanwhile is in no snapshot; what was seen has to be right all the same.
    for (const entry of coordinator.cache.all()) {
      assert.ok(entry.kind === "order");
      assert.deepEqual(entry.order, model.order(entry.order.id));
    }
    await Promise.all(followed);
    for (const [id, seen] of lives) {
      assert.deepEqual(
        seen,
        model.lives.get(id)?.events.map(({ seq }) => seq),
        id,
      );
      assert.ok(world.cached(id));
    }
    coordinator.stop();
  });
}

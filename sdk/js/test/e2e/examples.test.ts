/**
 * The examples of the documentation, as a reader runs them, over connections that break.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Daemon, ROOT, TARGET } from "./support/daemon.js";
import { lives, run } from "./support/program.js";
import { BreakingProxy } from "./support/proxy.js";

const EXAMPLES = join(ROOT, "docs/examples");
/** Node 22 has a WebSocket; Node 20 has one behind a flag. */
const WITH_SOCKET = typeof WebSocket === "function" ? [] : ["--experimental-websocket"];

let daemon: Daemon;
before(async () => {
  daemon = await Daemon.start();
});
after(() => daemon.end());

/** Runs an example whose first two connections are cut with the first event that they tell. */
async function runCut(command: string, args: string[], orders: number, cuts = 2): Promise<string[]> {
  const proxy = await BreakingProxy.start(daemon.url, (said, cut) => cut < 2 && said.includes('"orderId":'));
  try {
    const { code, lines } = await run(command, args, proxy.url);
    const said = lines.join("\n");
    assert.equal(code, 0, said);
    assert.ok(proxy.cuts >= cuts, `${proxy.cuts} cuts:\n${said}`);
    assert.ok(proxy.opened >= 2, `${proxy.opened} connections`);
    assertWhole(lines, orders);
    return lines;
  } finally {
    proxy.end();
  }
}

function assertWhole(lines: string[], orders: number): void {
  const told = lives(lines);
  assert.equal(told.size, orders, lines.join("\n"));
  for (const [id, events] of told) {
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, at) => at + 1),
      id,
    );
    assert.equal(events[0]?.type, "pending");
    assert.equal(events.at(-1)?.type, "finalized");
  }
}

for (const [whose, flags] of [
  ["its own socket", []],
  ["the environment's socket", WITH_SOCKET],
] as const) {
  test(`node-sdk.mjs misses nothing over a connection that breaks, with ${whose}`, {
    timeout: 60_000,
  }, async () => {
    // What the second connection would tell may have come by polling by then.
    const lines = await runCut(process.execPath, [...flags, join(EXAMPLES, "node-sdk.mjs")], 1, 1);
    assert.ok(lines.includes("live") && lines.some((line) => / is pending$/.test(line)), lines.join("\n"));
  });
}

test("node.mjs misses nothing over a connection that breaks", { timeout: 60_000 }, async () => {
  const lines = await runCut(process.execPath, [...WITH_SOCKET, join(EXAMPLES, "node.mjs")], 3);
  assert.ok(lines.includes("resumed"), lines.join("\n"));
});

test("follow.py misses nothing over a connection that breaks", { timeout: 60_000 }, async (t) => {
  const python = join(TARGET, "examples-venv/bin/python");
  if (!existsSync(python)) {
    t.skip(`${python} is missing: \`make examples\` makes it`);
    return;
  }
  await runCut(python, [join(EXAMPLES, "follow.py")], 1);
});

test("curl.sh sees an order through by polling", { timeout: 60_000 }, async () => {
  const { code, lines } = await run("sh", [join(EXAMPLES, "curl.sh")], daemon.url);
  assert.equal(code, 0, lines.join("\n"));
  assertWhole(lines, 1);
  assert.ok(
    lines.some((line) => line.startsWith("changed ")),
    lines.join("\n"),
  );
});

// Places an order and follows it from the first event to the last, with the TypeScript client in sdk/js.
//
//   make js && node docs/examples/node-sdk.mjs
//
// ORDERD_URL says where the daemon is. In a program of your own the import is "@orderd/client".

import { Coordinator } from "../../sdk/js/dist/index.js";

const orderd = new Coordinator({ url: process.env.ORDERD_URL ?? "http://127.0.0.1:3000" });
orderd.status.subscribe(() => {
  const { state, reason } = orderd.status.getSnapshot();
  console.log(reason === undefined ? state : `${state}: ${reason}`);
});
orderd.start();

const { key, done } = orderd.submit({ tokenIn: "SOL", tokenOut: "USDC", amount: "10" });
console.log(`${key} is ${orderd.cache.get(key).kind}`);

const outcome = await done;
if (outcome.kind !== "accepted") {
  console.error(`${outcome.kind}: ${outcome.problem.message}`);
  process.exit(1);
}

const { orderId } = outcome.accepted;
for await (const event of orderd.follow(orderId)) {
  console.log(`${orderId} ${event.seq} ${event.type}: ${event.message}`);
}
console.log(`${orderd.counters.events} events, cut off ${orderd.counters.reconnects} times`);
orderd.stop();

/**
 * Frames: what a server may send, and each rule that it can break.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, FrameError, FrameReader, type Incoming, Opcode } from "../dist/node/frames.js";
import { dice } from "./support/clock.js";

const FIN = 0x80;
const text = (value: string) => new TextEncoder().encode(value);

/** A frame of a server. */
export function frame(first: number, payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === "string" ? text(payload) : payload;
  const { length } = bytes;
  const head = length < 126 ? [first, length] : [first, 126, length >> 8, length & 0xff];
  if (length > 0xffff) {
    const long = new Uint8Array(10);
    long.set([first, 127]);
    new DataView(long.buffer).setBigUint64(2, BigInt(length));
    return Uint8Array.of(...long, ...bytes);
  }
  return Uint8Array.from([...head, ...bytes]);
}

function read(bytes: Uint8Array, pieces: (rest: number) => number = (rest) => rest): Incoming[] {
  const reader = new FrameReader(100_000, 50);
  const messages: Incoming[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = pieces(bytes.length - at);
    reader.push(bytes.slice(at, at + size));
    at += size;
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      messages.push(message);
    }
  }
  return messages;
}

const concat = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const TALK = concat(
  frame(FIN | 1, "hello"),
  frame(1, "wo"),
  frame(FIN | 9, "are you there"),
  frame(0, ""),
  frame(FIN | 0, "rld"),
  frame(FIN | 2, Uint8Array.of(1, 2)),
  frame(FIN | 10, ""),
  frame(FIN | 1, "ü".repeat(200)),
  frame(FIN | 1, "x".repeat(70_000)),
  frame(FIN | 1, ""),
  frame(FIN | 8, Uint8Array.of(0x03, 0xe8, ...text("bye"))),
);

const HEARD = (messages: Incoming[]) =>
  messages.map((message) =>
    message.kind === "text" ? message.text : message.kind === "close" ? message.code : message.kind,
  );

const EXPECTED = ["hello", "ping", "world", "binary", "pong", "ü".repeat(200), "x".repeat(70_000), "", 1000];

test("messages are put together however their bytes come", () => {
  assert.deepEqual(HEARD(read(TALK)), EXPECTED);
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = dice(seed);
    const most = 1 + Math.floor(random() ** 3 * 2_000);
    const pieces = (rest: number) => Math.min(rest, 1 + Math.floor(random() * most));
    assert.deepEqual(HEARD(read(TALK, pieces)), EXPECTED, `seed ${seed}`);
  }
});

for (const [what, bytes, code] of [
  ["a reserved bit", frame(0xc1, "x"), 1002],
  ["a masked frame", Uint8Array.of(0x81, 0x81, 1, 2, 3, 4, 5), 1002],
  ["a reserved opcode", frame(FIN | 3, "x"), 1002],
  ["a reserved control opcode", frame(FIN | 11, "x"), 1002],
  ["a control frame in fragments", frame(9, "x"), 1002],
  ["a control frame that is too long", frame(FIN | 9, "x".repeat(126)), 1002],
  ["a fragment of nothing", frame(FIN | 0, "x"), 1002],
  ["a message within another", concat(frame(1, "x"), frame(FIN | 1, "y")), 1002],
  ["a text that is not UTF-8", frame(FIN | 1, Uint8Array.of(0xc3, 0x28)), 1007],
  ["a text that ends within a character", frame(FIN | 1, Uint8Array.of(0xc3)), 1007],
  ["a close with half a code", frame(FIN | 8, Uint8Array.of(3)), 1002],
  ["a close with a code that must not be sent", frame(FIN | 8, Uint8Array.of(0x03, 0xee)), 1002],
  ["a close whose reason is not UTF-8", frame(FIN | 8, Uint8Array.of(0x03, 0xe8, 0xff)), 1007],
  ["a message that is too large", frame(FIN | 1, "x".repeat(100_001)), 1009],
  ["a length beyond all bounds", Uint8Array.of(0x81, 127, ...new Uint8Array(8).fill(0xff)), 1009],
  [
    "a message of endless fragments",
    concat(frame(1, ""), ...Array.from({ length: 60 }, () => frame(0, ""))),
    1008,
  ],
] as const) {
  test(`${what} ends the connection with ${code}`, () => {
    assert.throws(
      () => read(bytes, () => 1),
      (error) => error instanceof FrameError && error.code === code,
    );
  });
}

test("fragments count together towards the bound", () => {
  const part = frame(0, "x".repeat(60_000));
  assert.throws(
    () => read(concat(frame(1, "x".repeat(60_000)), part)),
    (error) => error instanceof FrameError && error.code === 1009,
  );
});

test("no bytes make it do anything but give messages or refuse them", () => {
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const random = dice(seed);
    const bytes = Uint8Array.from({ length: 60 }, () => Math.floor(random() * 256));
    bytes[0] = random() < 0.8 ? FIN | ((bytes[0] ?? 0) % 11) : (bytes[0] ?? 0);
    bytes[1] = (bytes[1] ?? 0) % 20;
    try {
      read(bytes, (rest) => Math.min(rest, 7));
    } catch (error) {
      assert.ok(error instanceof FrameError, `seed ${seed}: ${error}`);
    }
  }
});

test("frames of the client are masked", () => {
  const mask = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual([...encodeFrame(Opcode.text, text("ab"), mask)], [0x81, 0x82, 1, 2, 3, 4, 0x60, 0x60]);
  for (const length of [125, 126, 0xffff, 0x10000]) {
    const bytes = encodeFrame(Opcode.text, new Uint8Array(length), mask);
    const extended = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
    assert.equal(bytes.length, 6 + extended + length);
    assert.equal((bytes[1] ?? 0) & 0x80, 0x80);
  }
});

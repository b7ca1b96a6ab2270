/**
 * Frames of RFC 6455, from the side of a client. Pure: bytes in, messages out; and every rule that a server can break.
 */

export type Incoming =
  | { kind: "text"; text: string }
  | { kind: "binary"; bytes: Uint8Array }
  | { kind: "ping"; payload: Uint8Array }
  | { kind: "pong" }
  /** 1005 where the server gave no code. */
  | { kind: "close"; code: number; reason: string };

/** The server breaks a rule; the connection ends with this close code. */
export class FrameError extends Error {
  override name = "FrameError";

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface Head {
  isFinal: boolean;
  opcode: number;
  length: number;
  /** Bytes of the head itself. */
  size: number;
}

const MAX_CONTROL_BYTES = 125;
const EMPTY = new Uint8Array(0);

/** Puts messages together from bytes as they come. */
export class FrameReader {
  private chunks: Uint8Array[] = [];
  private buffered = 0;
  private fragments: Uint8Array[] = [];
  private fragmentBytes = 0;
  /** The opcode of the message whose fragments are coming. */
  private open: number | undefined;

  constructor(
    private readonly maxMessageBytes: number,
    /** Bounds what empty fragments can take. */
    private readonly maxFragments = 10_000,
  ) {}

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
  }

  /** The next message that is complete; throws a {@link FrameError}. */
  next(): Incoming | undefined {
    for (;;) {
      const head = this.head();
      if (head === undefined || this.buffered < head.size + head.length) {
        return undefined;
      }
      this.take(head.size);
      const message = this.frame(head, this.take(head.length));
      if (message !== undefined) {
        return message;
      }
    }
  }

  /** The head of the next frame, refused as soon as it can be. */
  private head(): Head | undefined {
    const bytes = this.peek(10);
    const [first, second] = bytes;
    if (first === undefined || second === undefined) {
      return undefined;
    }
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    this.check(first, second, opcode, isFinal);
    const short = second & 0x7f;
    const size = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < size) {
      return undefined;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
    if (opcode < Opcode.close && this.fragmentBytes + length > this.maxMessageBytes) {
      throw new FrameError(1009, `a message of more than ${this.maxMessageBytes} bytes`);
    }
    return { isFinal, opcode, length, size };
  }

  private check(first: number, second: number, opcode: number, isFinal: boolean): void {
    if ((first & 0x70) !== 0) {
      throw new FrameError(1002, "a reserved bit is set");
    }
    if ((second & 0x80) !== 0) {
      throw new FrameError(1002, "a frame of a server is masked");
    }
    if (opcode >= Opcode.close) {
      if (opcode > Opcode.pong) {
        throw new FrameError(1002, `opcode ${opcode} is reserved`);
      }
      if (!isFinal || (second & 0x7f) > MAX_CONTROL_BYTES) {
        throw new FrameError(1002, "a control frame is too long or in fragments");
      }
    } else if (opcode > Opcode.binary) {
      throw new FrameError(1002, `opcode ${opcode} is reserved`);
    } else if ((opcode === Opcode.continuation) !== (this.open !== undefined)) {
      throw new FrameError(1002, "a fragment is out of place");
    }
  }

  private frame({ opcode, isFinal }: Head, payload: Uint8Array): Incoming | undefined {
    switch (opcode) {
      case Opcode.ping:
        return { kind: "ping", payload };
      case Opcode.pong:
        return { kind: "pong" };
      case Opcode.close:
        return readClose(payload);
      default:
        return this.data(opcode, isFinal, payload);
    }
  }

  private data(opcode: number, isFinal: boolean, payload: Uint8Array): Incoming | undefined {
    const kind = this.open ?? opcode;
    this.fragments.push(payload);
    this.fragmentBytes += payload.length;
    if (!isFinal) {
      this.open = kind;
      if (this.fragments.length > this.maxFragments) {
        throw new FrameError(1008, "a message of too many fragments");
      }
      return undefined;
    }
    const bytes = join(this.fragments, this.fragmentBytes);
    this.fragments = [];
    this.fragmentBytes = 0;
    this.open = undefined;
    return kind === Opcode.text ? { kind: "text", text: decode(bytes) } : { kind: "binary", bytes };
  }

  private peek(count: number): Uint8Array {
    const first = this.chunks[0];
    if (first === undefined || first.length >= count || this.chunks.length === 1) {
      return first?.subarray(0, count) ?? EMPTY;
    }
    this.chunks = [join(this.chunks, this.buffered)];
    return this.peek(count);
  }

  private take(count: number): Uint8Array {
    if (this.chunks.length > 1 && (this.chunks[0]?.length ?? 0) < count) {
      this.chunks = [join(this.chunks, this.buffered)];
    }
    const first = this.chunks[0] ?? EMPTY;
    this.buffered -= count;
    if (first.length === count) {
      this.chunks.shift();
      return first;
    }
    this.chunks[0] = first.subarray(count);
    return first.subarray(0, count);
  }
}

/** A frame of a client: final, and masked. */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  const extended = payload.length > 0xffff ? 8 : payload.length > MAX_CONTROL_BYTES ? 2 : 0;
  const frame = new Uint8Array(2 + extended + 4 + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  if (extended === 8) {
    frame[1] = 0x80 | 127;
    view.setBigUint64(2, BigInt(payload.length));
  } else if (extended === 2) {
    frame[1] = 0x80 | 126;
    view.setUint16(2, payload.length);
  } else {
    frame[1] = 0x80 | payload.length;
  }
  frame.set(mask, 2 + extended);
  for (let i = 0; i < payload.length; i += 1) {
    frame[6 + extended + i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  }
  return frame;
}

/** The payload of a close frame. */
export function closePayload(code: number | undefined): Uint8Array {
  return code === undefined ? EMPTY : Uint8Array.of(code >> 8, code & 0xff);
}

function readClose(payload: Uint8Array): Incoming {
  const [high, low] = payload;
  if (high === undefined) {
    return { kind: "close", code: 1005, reason: "" };
  }
  const code = (high << 8) | (low ?? 0);
  if (low === undefined || !isCloseCode(code)) {
    throw new FrameError(1002, "a close code that must not be sent");
  }
  return { kind: "close", code, reason: decode(payload.subarray(2)) };
}

function isCloseCode(code: number): boolean {
  const isDefined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  return isDefined || (code >= 3000 && code <= 4999);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FrameError(1007, "a text is not UTF-8");
  }
}

function join(parts: Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

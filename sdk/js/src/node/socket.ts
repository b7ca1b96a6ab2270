/**
 * A WebSocket for Node 20, which has none: as much of one as the coordinator needs.
 */

import { randomBytes } from "node:crypto";
import { connect as connectPlain, type Socket as TcpSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Socket } from "../socket.js";
import { closePayload, encodeFrame, FrameError, FrameReader, type Incoming, Opcode } from "./frames.js";
import { checkAnswer, type Handshake, MAX_HEAD_BYTES, offer } from "./handshake.js";

export interface NodeSocketOptions {
  /** The largest message that is read. */
  maxMessageBytes?: number;
  /** What may wait to be sent, before the connection counts as broken. */
  maxBufferedBytes?: number;
  /** How long the server may take to answer a close. */
  closeTimeoutMs?: number;
}

const DEFAULTS = { maxMessageBytes: 8 * 1024 * 1024, maxBufferedBytes: 1024 * 1024, closeTimeoutMs: 2_000 };

export function openNodeSocket(url: string, protocols: string[], options: NodeSocketOptions = {}): Socket {
  return new NodeSocket(new URL(url), protocols, { ...DEFAULTS, ...options });
}

class NodeSocket implements Socket {
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;

  private readonly tcp: TcpSocket;
  private readonly reader: FrameReader;
  private readonly handshake: Handshake;
  private state: "connecting" | "open" | "closing" | "closed" = "connecting";
  private head = Buffer.alloc(0);
  /** What `onclose` will tell. */
  private farewell = { code: 1006, reason: "" };

  constructor(
    url: URL,
    private readonly protocols: string[],
    private readonly options: Required<NodeSocketOptions>,
  ) {
    this.handshake = offer(url, protocols);
    this.reader = new FrameReader(options.maxMessageBytes);
    const isSecure = url.protocol === "wss:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(url.port || (isSecure ? 443 : 80));
    this.tcp = isSecure ? connectTls({ host, port, servername: host }) : connectPlain({ host, port });
    this.tcp.setNoDelay(true);
    this.tcp.once(isSecure ? "secureConnect" : "connect", () => this.tcp.write(this.handshake.request));
    this.tcp.on("data", (chunk) => this.read(chunk));
    this.tcp.on("error", (error) => this.broken(error));
    this.tcp.on("close", () => this.closed());
  }

  send(text: string): void {
    if (this.state === "open") {
      this.write(Opcode.text, Buffer.from(text));
    }
  }

  close(code?: number): void {
    if (this.state === "connecting") {
      this.tcp.destroy();
    } else if (this.state === "open") {
      this.leave(code);
    }
  }

  private read(chunk: Buffer): void {
    if (this.state === "closed") {
      return;
    }
    try {
      this.reader.push(this.state === "connecting" ? this.readHead(chunk) : chunk);
      // `close` within a handler ends the connection between two messages.
      while (this.state !== "connecting" && !this.tcp.destroyed) {
        const message = this.reader.next();
        if (message === undefined) {
          return;
        }
        this.receive(message);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Gives the bytes after the head, once that is there. */
  private readHead(chunk: Buffer): Uint8Array {
    this.head = Buffer.concat([this.head, chunk]);
    const end = this.head.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.head.length > MAX_HEAD_BYTES) {
        throw new Error("the server's answer has no end");
      }
      return Buffer.alloc(0);
    }
    checkAnswer(this.head.subarray(0, end).toString("latin1"), this.handshake.accept, this.protocols);
    const rest = this.head.subarray(end + 4);
    this.head = Buffer.alloc(0);
    this.state = "open";
    return rest;
  }

  private receive(message: Incoming): void {
    switch (message.kind) {
      case "text":
        if (this.state === "open") {
          this.onmessage?.({ data: message.text });
        }
        break;
      case "binary":
        if (this.state === "open") {
          this.onmessage?.({ data: message.bytes });
        }
        break;
      case "ping":
        this.write(Opcode.pong, message.payload);
        break;
      case "pong":
        break;
      case "close":
        this.farewell = { code: message.code, reason: message.reason };
        if (this.state === "open") {
          this.leave(message.code === 1005 ? undefined : message.code);
        }
        this.tcp.end();
        break;
    }
  }

  private fail(error: unknown): void {
    if (!(error instanceof FrameError)) {
      this.broken(error);
      return;
    }
    this.farewell = { code: error.code, reason: error.message };
    if (this.state === "open") {
      this.leave(error.code);
    }
    // Whatever else comes of a server that breaks the rules is not read.
    this.tcp.destroySoon();
  }

  private broken(error: unknown): void {
    this.farewell = { code: 1006, reason: error instanceof Error ? error.message : String(error) };
    this.tcp.destroy();
  }

  private leave(code: number | undefined): void {
    this.write(Opcode.close, closePayload(code));
    this.state = "closing";
    const timer = setTimeout(() => this.tcp.destroy(), this.options.closeTimeoutMs);
    this.tcp.once("close", () => clearTimeout(timer));
  }

  private write(opcode: number, payload: Uint8Array): void {
    if (this.tcp.writableLength > this.options.maxBufferedBytes) {
      this.broken(new Error("the server does not read"));
    } else if (!this.tcp.destroyed && this.tcp.writable) {
      this.tcp.write(encodeFrame(opcode, payload, randomBytes(4)));
    }
  }

  private closed(): void {
    if (this.state !== "closed") {
      this.state = "closed";
      this.onclose?.(this.farewell);
    }
  }
}

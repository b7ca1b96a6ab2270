/**
 * How far a client is in the stream of all events.
 */

export class Position {
  private known: { epoch: string; cursor: number } | undefined;
  private held: number | undefined;

  /** Where to go on; nothing before the first snapshot is complete. */
  get since(): { epoch: string; cursor: number } | undefined {
    return this.known;
  }

  /** Everything up to here is in the cache. */
  advance(cursor: number): void {
    if (this.held !== undefined) {
      this.held = Math.max(this.held, cursor);
    } else if (this.known !== undefined) {
      this.known = { epoch: this.known.epoch, cursor: Math.max(this.known.cursor, cursor) };
    }
  }

  /**
   * Something is missing, and a snapshot is on its way: whoever is cut off in between has to go on from before, not
   * from the events that come meanwhile.
   */
  hold(): void {
    this.held ??= 0;
  }

  /** The cache is complete as of this event; what came meanwhile counts too. */
  adopt(epoch: string, cursor: number): void {
    this.known = { epoch, cursor: Math.max(cursor, this.held ?? 0) };
    this.held = undefined;
  }

  /** A new connection begins: what was held is asked for again. */
  release(): void {
    this.held = undefined;
  }
}

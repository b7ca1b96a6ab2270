/**
 * How far a client is in the stream of all events.
 */

export class Position {
  private known: { epoch: string; cursor: number } | undefined;
  private isHeld = false;

  /** Where to go on; nothing before the first snapshot is complete. */
  get since(): { epoch: string; cursor: number } | undefined {
    return this.known;
  }

  /** Everything up to here is in the cache. */
  advance(cursor: number): void {
    if (this.known !== undefined && !this.isHeld) {
      this.known = { epoch: this.known.epoch, cursor: Math.max(this.known.cursor, cursor) };
    }
  }

  /**
   * What was missed has not come yet, or cannot be told: whoever is cut off in between has to go on from before, not
   * from what comes meanwhile.
   */
  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
  }

  /** The cache is complete as of this event. */
  adopt(epoch: string, cursor: number): void {
    this.known = { epoch, cursor };
    this.isHeld = false;
  }
}

import type { Packet, Rational } from "bare-ffmpeg";

/** What the binding gives for "no timestamp". */
export const NO_TIMESTAMP = -1;

/** Moves the times of one stream so that a file that begins late begins at zero. */
export class Clock {
  /** Seconds that are taken away. */
  start = 0;

  constructor(private readonly timeBase: Rational) {}

  private get ticks(): number {
    return Math.round(this.start / this.timeBase.toNumber());
  }

  shift(packet: Packet): void {
    if (this.start === 0) return;
    if (packet.pts !== NO_TIMESTAMP) packet.pts -= this.ticks;
    if (packet.dts !== NO_TIMESTAMP) packet.dts -= this.ticks;
  }
}

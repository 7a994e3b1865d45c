/** Beyond this many buckets the ones least recently used are dropped: an attacker's addresses must not fill memory. */
const MAX_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  /** Milliseconds. */
  filledAt: number;
}

/** Token buckets by name: each holds `perMinute` tokens and refills evenly over a minute. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perMinute 0 is without limit
   * @param now milliseconds; replaced in tests
   */
  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes a token; returns 0, or the seconds until there is one. */
  take(name: string): number {
    if (this.perMinute === 0) return 0;
    const bucket = this.#bucket(name);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60) / this.perMinute);
    bucket.tokens--;
    return 0;
  }

  #bucket(name: string): Bucket {
    const now = this.now();
    const found = this.#buckets.get(name);
    this.#buckets.delete(name);
    const refill = found ? ((now - found.filledAt) / 60_000) * this.perMinute : 0;
    const tokens = found ? Math.min(this.perMinute, found.tokens + refill) : this.perMinute;
    const bucket = { tokens, filledAt: now };
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }
}
